import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { isSync } from '../../store/sync-actor.ts';
import type { Tx, WriteCheck } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { localId } from '../local-id.ts';
import { childRecords } from './child-records.ts';
import { agreementsOf, employersOf, leaveOf, partnerAt, partnerHere } from './partner.ts';
import type { SharingDeps } from './sharing.ts';

const rule = 'disclosure';

/**
 * Nothing of a child is sent to a partner without an agreement on record and, where its kind needs it, the family's leave: a Task for it that is
 * no draft any more, and a message to it. The refusal stands in the audit trail as every refusal does (S2.17).
 */
export const checkDisclosure = ({ clock, policyHere }: SharingDeps): WriteCheck => ({
  name: rule,
  types: ['Task', 'Communication'],
  check: async ({ before, after }, tx) => {
    if (!after || isSync(tx.actor)) return ok(undefined);
    const told = newlyTold(before, after);
    if (told.length === 0) return ok(undefined);
    const childId = isOfType(after, 'Task') ? localId(after.for, 'Patient') : localId(after.subject, 'Patient');
    const employers = await Promise.all(told.map((one) => employersOf(tx, one)));
    for (const some of employers) {
      const allowed = await checkOne(some, childId, after, { tx, now: clock.now(), policyHere });
      if (!allowed.ok) return allowed;
    }
    return ok(undefined);
  },
});

/** Whom this version sends something that the one before did not. */
function newlyTold(before: Resource | undefined, after: Resource): string[] {
  const had = new Set(before ? recipientsOf(before) : []);
  return recipientsOf(after).filter((one) => !had.has(one));
}

const unsentTask: ReadonlySet<unknown> = new Set(['draft', 'cancelled', 'rejected', 'entered-in-error']);
const unsentMessage: ReadonlySet<unknown> = new Set(['preparation', 'not-done', 'entered-in-error']);

function recipientsOf(resource: Resource): string[] {
  const referencesOf = (some: readonly (r4.Reference | undefined)[]) => some.flatMap((one) => one?.reference ?? []);
  if (isOfType(resource, 'Task')) return unsentTask.has(resource.status) ? [] : referencesOf([resource.owner]);
  if (!isOfType(resource, 'Communication') || unsentMessage.has(resource.status)) return [];
  return referencesOf(resource.recipient ?? []);
}

interface Asked {
  tx: Tx;
  now: Date;
  policyHere: SharingDeps['policyHere'];
}

/** Most that is sent goes to the house itself, or to who treats. What this transaction has made of an organization itself it knows. */
function presumesNoPartner(employers: readonly string[], tx: Tx): boolean {
  const ids = employers.map((reference) => reference.slice(reference.indexOf('/') + 1));
  const isWritten = tx.changes.some(({ type, id }) => type === 'Organization' && ids.includes(id));
  return !isWritten && tx.presumesNone(partnerHere, ids);
}

/** `employers`: those for whom one recipient works; one with everything that it needs is enough. */
async function checkOne(
  employers: readonly string[],
  childId: string | undefined,
  { resourceType }: Resource,
  { tx, now, policyHere }: Asked,
): Promise<Result<void>> {
  const current = employers.length === 0 ? undefined : policyHere();
  if (!current || presumesNoPartner(employers, tx)) return ok(undefined);
  const found = await Promise.all(employers.map((one) => partnerAt(tx, one, current)));
  const partners = found.flatMap((one) => one ?? []);
  if (partners.length === 0) return ok(undefined);
  const expression = resourceType === 'Task' ? 'Task.owner' : 'Communication.recipient';
  const child = childId === undefined ? undefined : await childRecords(tx, childId);
  // What is about no child tells of none.
  if (!child) return ok(undefined);
  const answers: Result<void>[] = [];
  for (const partner of partners) {
    const agreements = await agreementsOf(tx, partner, current, now);
    const { answer } = leaveOf(child, partner, current, now);
    if (agreements.length > 0 && answer === 'given') return ok(undefined);
    answers.push(refuse(rule, agreements.length === 0 ? noAgreement : noLeave[answer], expression));
  }
  return answers[0] ?? ok(undefined);
}

const noAgreement =
  'There is no data sharing agreement in force with this organization. Put the signed agreement on record (Contract) first.';
const noLeave = {
  given: '',
  missing: 'The family has not allowed that this organization is told of the child. Ask them first ($share).',
  denied: 'The family has said that this organization is told nothing of the child.',
};
