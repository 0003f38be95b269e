import { isOfFamily } from '../../access/policy/told-tasks.ts';
import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Tx, WriteCheck } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { childOf } from '../child.ts';
import { fulfillsReferral } from '../referral/states.ts';
import { checkWritten } from '../written-here.ts';
import { isCoded, placeOf, reasonsOf } from './ending-reason.ts';

const rule = 'ending-has-reason';
const careTask = `${canonicalBase}/CodeSystem/care-task`;

/** Ends that are no success, by type. A rejected goal has its own rule (care/goal), and so has a referral (care/referral). */
const endings: Record<string, ReadonlySet<unknown>> = {
  Task: new Set(['cancelled', 'failed', 'rejected', 'entered-in-error']),
  ServiceRequest: new Set(['revoked', 'entered-in-error']),
  Goal: new Set(['cancelled', 'entered-in-error']),
  Condition: new Set(['entered-in-error']),
};

/** Types whose records do not disappear without a reason. */
export const keptTypes: readonly string[] = Object.keys(endings);

/**
 * What is given up for a child says why, by a code: otherwise nobody can tell later whether a need was met or forgotten. Asked when somebody ends it;
 * what comes as ended already tells history. The house's own Tasks end in its words, and a family takes back what it asked for
 * in words of its own, or in none.
 */
export const checkEnding: readonly WriteCheck[] = keptTypes.map((type) =>
  checkWritten(rule, type, (after, before, tx) => {
    if (tx.actor.kind === 'system' || isOfFamily(tx.actor)) return ok(undefined);
    if (before === undefined || childOf(after) === undefined) return ok(undefined);
    if (!hasEnded(after) || hasEnded(before)) return ok(undefined);
    return checkReason(after, tx);
  }),
);

function checkReason(after: Resource, tx: Tx): Result<void> {
  const reasons = reasonsOf(after);
  if (reasons.some(isCoded)) return ok(undefined);
  const inWords = reasons.some(({ text }) => (text ?? '').trim() !== '');
  if (isOfType(after, 'Task') && (fulfillsReferral(after) || isOwn(after)) && inWords) return ok(undefined);
  if (isOfType(after, 'ServiceRequest') && followsTask(after, tx)) return ok(undefined);
  const text = `What ends without success says why, by a code of CodeSystem/ending-reason or another, in ${placeOf(after.resourceType)}.`;
  return refuse(rule, text, `${after.resourceType}.${after.resourceType === 'Task' ? 'statusReason' : 'extension'}`);
}

function hasEnded(resource: Resource): boolean {
  const of = endings[resource.resourceType];
  if (resource.resourceType === 'Condition') {
    const { coding = [] } = (resource.verificationStatus ?? {}) as r4.CodeableConcept;
    return coding.some(({ code }) => of?.has(code));
  }
  return of?.has(resource.resourceType === 'Goal' ? resource.lifecycleStatus : resource.status) === true;
}

function isOwn({ code }: r4.Task): boolean {
  return code?.coding?.some(({ system }) => system === careTask) === true;
}

/** Of a request that is revoked because its Task was, the Task says why. */
function followsTask(request: Resource, { changes }: Tx): boolean {
  const reference = `ServiceRequest/${request.id ?? ''}`;
  return changes.some(
    ({ after }) => isOfType(after, 'Task') && after.focus?.reference === reference && reasonsOf(after).length > 0,
  );
}
