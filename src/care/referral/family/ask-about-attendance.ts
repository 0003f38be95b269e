import { ok } from '../../../base/errors.ts';
import { isOfType } from '../../../fhir/of-type.ts';
import { canonicalBase } from '../../../fhir/shared-plan.ts';
import type { r4 } from '../../../fhir/types.ts';
import type { WriteEffect } from '../../../store/types.ts';
import { localId } from '../../local-id.ts';
import { currentOf } from '../../stored.ts';
import { whoIsHere } from '../../team/known-people.ts';
import { type CanonicalState, stateOf } from '../canonical-state.ts';
import { aboutReferral } from '../question/question-task.ts';
import { fulfillsReferral } from '../states.ts';

export const attendanceSystem = `${canonicalBase}/CodeSystem/referral-attendance`;

/** States in which the performer says that the child was there, or was not. */
const attended: ReadonlySet<CanonicalState> = new Set(['visit-done', 'completed', 'loop-closed']);
const missed: ReadonlySet<CanonicalState> = new Set(['no-show', 'appointment-cancelled']);

/**
 * What the child or the family says of an appointment stands beside what the performer says, never in its place. Where they differ, or the performer
 * has said nothing yet, somebody is asked by a Task: the performer how it was, or whoever asked for the referral what was in the way.
 */
export const askAboutAttendance: WriteEffect = {
  name: 'referral-attendance',
  types: ['Communication'],
  async apply({ after, before }, tx) {
    if (!isOfType(after, 'Communication') || before !== undefined) return ok(undefined);
    const said = wordOf(after);
    const id = [...(after.about ?? []), ...(after.partOf ?? [])].flatMap((one) => localId(one, 'Task') ?? [])[0];
    const task = said === undefined || id === undefined ? undefined : currentOf(await tx.read('Task', id));
    const state = isOfType(task, 'Task') && fulfillsReferral(task) ? stateOf(task) : undefined;
    if (!isOfType(task, 'Task') || state === undefined) return ok(undefined);
    const question = questionFor(said === 'attended', state);
    if (!question) return ok(undefined);
    const { owner: performer, requester } = task;
    const isPerformer = question.to === 'performer';
    const owner = await whoIsHere(tx, isPerformer ? performer : requester);
    const parties = { ...(owner && { owner }), ...(isPerformer && requester && { requester }) };
    const authored = after.sent === undefined ? {} : { authoredOn: after.sent };
    const what = { code: 'attendance-check', text: 'Attendance', description: question.text, ...authored };
    const asked = await tx.create(aboutReferral(task, what, parties));
    return asked.ok ? ok(undefined) : asked;
  },
};

function wordOf({ category = [] }: r4.Communication): 'attended' | 'not-attended' | undefined {
  const codes = category.flatMap(({ coding = [] }) => coding).filter(({ system }) => system === attendanceSystem);
  const [code] = codes.map((coding) => coding.code);
  return code === 'attended' || code === 'not-attended' ? code : undefined;
}

/** Who is asked what; undefined when performer and family agree. */
function questionFor(
  wasThere: boolean,
  state: CanonicalState,
): { to: 'performer' | 'requester'; text: string } | undefined {
  if (wasThere ? attended.has(state) : missed.has(state)) return undefined;
  if (wasThere)
    return { to: 'performer', text: 'The family says that the child was there. Say in the referral how it was.' };
  if (attended.has(state))
    return { to: 'performer', text: 'The family says that the child was not there. Look at the referral again.' };
  return {
    to: 'requester',
    text: 'The family says that they could not go. Ask what was in the way, and help to find another day.',
  };
}
