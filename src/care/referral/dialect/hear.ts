import { ok, type Result } from '../../../base/errors.ts';
import { isOfType } from '../../../fhir/of-type.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import { refuse } from '../../business-rule.ts';
import { appointmentPeriod } from '../appointment.ts';
import { type CanonicalState, stateOf, statusFor } from '../canonical-state.ts';
import { fulfillsReferral } from '../states.ts';
import { gravityTask } from './tell.ts';
import { type Spoken, saysState, statesCoded, statesSaid, told } from './words.ts';

type Task = Resource & r4.Task;

/** Whether whoever speaks does the work, and where the referral stands. */
export interface Heard {
  stored?: Resource;
  /** The speaker is, or acts for, whom the Task names as its owner. */
  isPerformer: boolean;
}

/**
 * What a dialect says, as it is kept. A status that may mean several states means the one where the referral stands, if that is among them: a
 * partner that repeats what it was told, or drops our codes, moves nothing. Refused: words that the dialect does not have, and a code that
 * contradicts its status.
 */
export function hear(dialect: Spoken, resource: Resource, { stored, isPerformer }: Heard): Result<Resource> {
  if (!isOfType(resource, 'Task') || !fulfillsReferral(resource)) return ok(resource);
  const rule = `referral-dialect-${dialect}`;
  const said = statesSaid(dialect, resource.status);
  if (said.length === 0)
    return refuse(
      rule,
      `This client speaks ${names[dialect]}, whose Tasks are never ${resource.status}.`,
      'Task.status',
    );
  const before = isOfType(stored, 'Task') ? stateOf(stored) : undefined;
  const codings = (resource.businessStatus?.coding ?? []).filter(saysState);
  const coded = meantBy(dialect, codings, said);
  if (coded.length === 0 && !(before && isRepeated(dialect, codings, before)))
    return refuse(rule, `The business status is not one of a Task that is ${resource.status}.`, 'Task.businessStatus');
  const meant = coded.length === 0 ? said : coded;
  const [first] = meant;
  const repeated = before && meant.includes(before) ? before : first;
  // Gravity has no word for an appointment: a time that is new says that there is one.
  const isDated = coded.length === 0 || codings.length === 0;
  const state =
    isDated && meant.includes('scheduled') && undated.has(repeated) && isOtherTime(resource, stored)
      ? 'scheduled'
      : repeated;
  return ok(
    state === undefined ? resource : kept(dialect, resource, asBserCancels(dialect, state, before, isPerformer)),
  );
}

/** Where no appointment is, as far as is known; after a visit, a time may be that of the visit. */
const undated: ReadonlySet<CanonicalState | undefined> = new Set(['active', 'no-show', 'appointment-cancelled']);

function isOtherTime(task: Task, stored: Resource | undefined): boolean {
  const period = appointmentPeriod(task);
  const known = isOfType(stored, 'Task') ? appointmentPeriod(stored) : undefined;
  return period?.start !== undefined && period.start !== known?.start;
}

const names: Record<Spoken, string> = { gravity: 'the Gravity dialect', bser: 'the BSeR dialect' };

/** The states of a status that all the codes agree on; all of them when there is no code. */
function meantBy(dialect: Spoken, codings: readonly r4.Coding[], said: readonly CanonicalState[]): CanonicalState[] {
  return codings.reduce<CanonicalState[]>(
    (left, coding) => {
      const states = statesCoded(dialect, coding) ?? left;
      return left.filter((state) => states.includes(state));
    },
    [...said],
  );
}

/** Codes that were left standing from before while the status moved on say nothing new. */
function isRepeated(dialect: Spoken, codings: readonly r4.Coding[], before: CanonicalState): boolean {
  const known = told(dialect, before).coding;
  return codings.every(({ system, code }) => known.some((one) => one.system === system && one.code === code));
}

/** BSeR's requester never cancels: it asks for cancellation (row 04), and whoever does the work confirms (row 23). */
function asBserCancels(
  dialect: Spoken,
  state: CanonicalState,
  before: CanonicalState | undefined,
  isPerformer: boolean,
): CanonicalState {
  if (dialect !== 'bser' || state !== 'cancelled' || isPerformer || before === undefined) return state;
  // Who has asked already, and who reads what has been cancelled, says nothing new.
  return before === 'cancelled' || before === 'cancel-requested' ? state : 'cancel-requested';
}

function kept(dialect: Spoken, task: Task, state: CanonicalState): Resource {
  const { businessStatus, meta, ...rest } = task;
  const { status, businessStatus: own } = statusFor(state);
  const coding = [...(own?.coding ?? []), ...(businessStatus?.coding ?? []).filter((one) => !saysState(one))];
  // Words that we put there ourselves are not the partner's.
  const isOurs = statesSaid(dialect, task.status).some((one) => told(dialect, one).text === businessStatus?.text);
  const text = isOurs ? undefined : businessStatus?.text;
  const profile = meta?.profile?.filter((one) => one !== gravityTask);
  const { profile: _claimed, ...otherMeta } = meta ?? {};
  const keptMeta = { ...otherMeta, ...(profile !== undefined && profile.length > 0 && { profile }) };
  return {
    ...rest,
    ...(Object.keys(keptMeta).length > 0 && { meta: keptMeta }),
    status,
    ...((coding.length > 0 || text !== undefined) && {
      businessStatus: { ...(coding.length > 0 && { coding }), ...(text !== undefined && { text }) },
    }),
  };
}
