import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { parseJson } from '../../fhir/json.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import type { Stored } from '../../store/types.ts';
import type { Access } from '../access.ts';
import { authorize, visibilityOf } from '../decide.ts';
import type { Policy } from '../policy/compile.ts';
import { rolesOf } from '../policy/roles.ts';
import { withoutLabels } from './inline.ts';
import { type Label, labelKey, labelsIn } from './label.ts';
import { secondedBy } from './waiting.ts';

export interface ReleaseDeps {
  access: Pick<Access, 'policy' | 'lowering'>;
  clock: Clock;
  /** A second sign-in with a code (TH-66). Error `unauthorized`: how to ask again. */
  stepUp(fhirUser: string, code: string | undefined): Promise<Result<{ accountId?: string }>>;
  /** Whether the house wants a second person for what administrators, and privacy officers, do. */
  needsSecondPerson(): Promise<boolean>;
}

/**
 * `POST [type]/[id]/$release` with `label` (`system|code`, as often as there are labels; absent: all that a clinician may release) takes labels
 * from a record. A clinician who may change the record: those of the categories that the policy names in `clinicianReleases` (what was not discussed
 * yet). A privacy officer: any, with `second-factor`, and by two where the house wants that. Errors: `not-found` for whoever is no staff and for
 * what they do not see; `forbidden`; `unauthorized` without the code; `unprocessable` for a label that the record does not have.
 */
export function releaseLabels(deps: ReleaseDeps): Operation {
  return {
    name: 'release',
    definition: `${canonicalBase}/OperationDefinition/release`,
    level: 'instance',
    affectsState: true,
    parameters: ['label', 'second-factor'],
    requires: [],
    handle: (request) => release(request, deps),
  };
}

async function release(request: OperationRequest, deps: ReleaseDeps): Promise<Result<Resource>> {
  const { principal, store, resourceType: type = '', id = '', parameters } = request;
  const { fhirUser = '', view } = principal;
  // A family, a partner and a machine learn no more than of any other address that is none.
  if (principal.kind !== 'user' || !/^Practitioner(Role)?\//.test(fhirUser) || view?.partner)
    return fail('not-found', 'There is no such operation here.', { code: 'not-supported' });
  const allowed = authorize(principal, type, 'u');
  if (!allowed.ok) return allowed;
  const stored = await store.readSeen(type, id, visibilityOf(principal, 'r'));
  if (!stored || stored.deleted || !(await store.sees(allowed.value, stored)))
    return fail('not-found', `There is no such ${type}.`);
  const policy = await deps.access.policy.get();
  if (!policy) return fail('busy', 'There is no privacy policy that could be followed.');
  const labels = wantedOf(stored, parameters, policy);
  if (!labels.ok) return labels;
  const isOfClinicians = labels.value.every((label) => isReleasable(label, policy));
  if (!isOfClinicians) {
    const may = await officerMay(request, { type, id, labels: labels.value.map(labelKey) }, deps);
    if (!may.ok || may.value === 'waits') return may.ok ? ok(answer('waiting')) : may;
  }
  return takeAway(request, stored, new Set(labels.value.map(labelKey)), deps);
}

/** Labels of the record that are meant. */
function wantedOf(
  { json }: Stored,
  parameters: OperationRequest['parameters'],
  policy: Policy,
): Result<readonly Label[]> {
  // The store wrote this text: its shape is known.
  const security = labelsIn(parseJson(json) as Resource);
  const named = parameters.texts('label');
  const has = (key: string) => security.find((label) => labelKey(label) === key);
  const found = named.length === 0 ? security.filter((label) => isReleasable(label, policy)) : named.map(has);
  const there = found.filter((label) => label !== undefined);
  if (there.length > 0 && there.length === found.length) return ok(there);
  const text =
    named.length === 0
      ? 'The record has no label that is released here. What its codes say of it, and what it takes over from other records, no label says.'
      : 'The record does not have this label. What its codes say of it, and what it takes over from other records, no label says.';
  return fail('unprocessable', text, { code: 'business-rule' });
}

/** True when all that the label says may be released by clinicians. */
function isReleasable({ system = '', code = '' }: Label, policy: Policy): boolean {
  const bits = policy.labels.get(`${system}|${code}`) ?? 0n;
  return bits !== 0n && (bits & ~policy.clinicianReleases) === 0n;
}

/** TH-66: the role, a second sign-in, and a second person where the house wants that. */
async function officerMay(
  { principal: { fhirUser = '' }, store, parameters }: OperationRequest,
  wanted: { type: string; id: string; labels: readonly string[] },
  { stepUp, needsSecondPerson, clock }: ReleaseDeps,
): Promise<Result<'done' | 'waits'>> {
  if (!(await rolesOf(store, fhirUser)).has('privacy-officer'))
    return fail('forbidden', 'Only a privacy officer takes this label from a record.');
  const proved = await stepUp(fhirUser, parameters.text('second-factor'));
  if (!proved.ok) return proved;
  if (!(await needsSecondPerson())) return ok('done');
  const seconded = await secondedBy({ fhirUser, ...proved.value }, wanted, { sql: store, clock });
  return ok(seconded ? 'done' : 'waits');
}

async function takeAway(
  { principal, store, requestId }: OperationRequest,
  { type, id, version }: Stored,
  keys: ReadonlySet<string>,
  { access }: ReleaseDeps,
): Promise<Result<Resource>> {
  const actor = { kind: 'user', id: principal.id, clientId: principal.clientId, requestId } as const;
  access.lowering.allow(actor, keys);
  const written = await store.transact(actor, async (tx) => {
    await tx.hold([{ type, id }]);
    const now = await tx.read(type, id);
    if (!now || now.deleted || now.version !== version)
      return fail('conflict', `This ${type} was changed meanwhile: look at it again.`);
    return tx.update(withoutLabels(parseJson(now.json) as Resource, (label) => keys.has(labelKey(label))));
  });
  return written.ok ? ok(answer('released')) : written;
}

function answer(state: 'released' | 'waiting'): Resource {
  return { resourceType: 'Parameters', parameter: [{ name: 'state', valueCode: state }] };
}
