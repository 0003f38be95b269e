import { ok, type Result } from '../../../base/errors.ts';
import { ofType } from '../../../fhir/of-type.ts';
import { closedTaskStates } from '../../../fhir/plan-view/actions.ts';
import { canonicalBase } from '../../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import { type Reader, seesAll } from '../../../store/types.ts';
import { foundBy, where } from '../../found.ts';

type Task = Resource & r4.Task;

export const careTaskSystem = `${canonicalBase}/CodeSystem/care-task`;
export const questionCode = 'referral-question';

export function isQuestion({ code }: r4.Task): boolean {
  return code?.coding?.some(({ system, code: one }) => system === careTaskSystem && one === questionCode) === true;
}

/** A Task about a referral, for one of its parties; what belongs together is seen together: with the referral's labels. */
export function aboutReferral(
  referral: Task,
  what: { code: string; text: string; description: string; authoredOn?: string },
  parties: { owner?: r4.Reference; requester?: r4.Reference },
): Resource {
  const { owner, requester } = parties;
  const reference = { reference: `Task/${referral.id ?? ''}` };
  const task: r4.Task = {
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    priority: referral.priority ?? 'routine',
    code: { coding: [{ system: careTaskSystem, code: what.code }], text: what.text },
    description: what.description,
    ...(referral.meta?.security && { meta: { security: referral.meta.security } }),
    focus: reference,
    partOf: [reference],
    ...(what.authoredOn !== undefined && { authoredOn: what.authoredOn }),
    ...(referral.for && { for: referral.for }),
    ...(requester && { requester }),
    ...(owner && { owner }),
  };
  return { ...task };
}

/** The questions about a referral that nobody has answered. */
export async function openQuestions(reader: Reader, referralId: string): Promise<Result<Task[]>> {
  const focus = where('Task', 'focus', 'reference', { kind: 'reference', type: 'Task', id: referralId });
  const found = await foundBy(reader, { type: 'Task', filters: [focus], count: questionsMax }, seesAll);
  if (!found.ok) return found;
  return ok(
    ofType(found.value.resources, 'Task').filter((task) => isQuestion(task) && !closedTaskStates.has(task.status)),
  );
}

/** Tasks about one referral that are looked through; nobody asks more than that. */
const questionsMax = 100;
