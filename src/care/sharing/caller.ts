import { visibilityOf } from '../../access/decide.ts';
import type { Policy } from '../../access/policy/compile.ts';
import { isOfFamily } from '../../access/policy/told-tasks.ts';
import { decidersOf } from '../../access/policy/who-decides.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import type { OperationRequest } from '../../module.ts';
import { type ChildRecords, childRecords } from './child-records.ts';
import { namesOf } from './names-of.ts';
import { type Partner, partnerAt } from './partner.ts';

/** Who decides about one child and one partner. */
export interface Deciding {
  child: ChildRecords;
  partner: Partner;
  policy: Policy;
  /** As whom the caller decides: `RelatedPerson/…` or `Patient/…`. */
  giver: string;
}

/** The child of the address, as far as the caller sees it; a hidden one is like none. */
export async function childSeen({ store, principal, id = '' }: OperationRequest): Promise<Result<ChildRecords>> {
  const absent = fail('not-found', 'There is no such child here.');
  const seen = await store.readSeen('Patient', id, visibilityOf(principal, 'r'));
  if (!seen || seen.deleted) return absent;
  const child = await childRecords(store, id);
  return child ? ok(child) : absent;
}

/** Errors: `not-found` for a child that is hidden, `forbidden` for whoever does not decide for it, `invalid` for what is no partner. */
export async function deciding(
  request: OperationRequest,
  policyInForce: () => Promise<Policy | undefined>,
  now: Date,
): Promise<Result<Deciding>> {
  const { principal, store, parameters } = request;
  const child = await childSeen(request);
  if (!child.ok) return child;
  const policy = await policyInForce();
  if (!policy) return fail('forbidden', 'There is no privacy policy that could be followed. Nothing is shared.');
  const { fhirUser = '' } = principal;
  const isFamily = principal.kind === 'user' && isOfFamily({ kind: 'user', id: fhirUser });
  const names = isFamily ? await namesOf(store, fhirUser) : new Set<string>();
  const giver = [...decidersOf(child.value, policy, now)].find((one) => names.has(one));
  if (giver === undefined)
    return fail('forbidden', 'What is shared is decided by whoever decides for the child, or by the young person.');
  const organization = parameters.text('organization') ?? '';
  const partner = await partnerAt(store, organization, policy);
  if (!partner)
    return fail('invalid', 'organization names a partner organization, as Organization/<id>.', { code: 'value' });
  return ok({ child: child.value, partner, policy, giver });
}
