import { closedTaskStates } from '../../fhir/plan-view/actions.ts';
import { closedRequestStates } from '../../fhir/plan-view/referrals.ts';
import type { r4 } from '../../fhir/types.ts';

/**
 * The states of a referral's Task and of its request in which nothing more is done (decision D9, "canonical states").
 * The table of legal moves between open states, with the actor of each, has its room in this folder.
 */
export const closedTask = closedTaskStates;
export const closedRequest = closedRequestStates;

const taskCodes = 'http://hl7.org/fhir/CodeSystem/task-code';

/** A Task that carries out a request: its code says so, or its focus is one. */
export function fulfillsReferral(task: r4.Task): boolean {
  const coded = task.code?.coding?.some(({ system, code }) => system === taskCodes && code === 'fulfill') === true;
  return coded || task.focus?.reference?.startsWith('ServiceRequest/') === true;
}
