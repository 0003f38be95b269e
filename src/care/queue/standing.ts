import { closedTaskStates } from '../../fhir/plan-view/actions.ts';
import type { r4 } from '../../fhir/types.ts';
import { endOf } from '../consent-end/last-moment.ts';
import { localId } from '../local-id.ts';
import { stateOf } from '../referral/canonical-state.ts';
import { dueOf } from '../referral/clock.ts';
import { fulfillsReferral } from '../referral/states.ts';

/** Where a Task stands for the queue. */
export interface Standing {
  /** Of a referral its canonical state, else Task.status. */
  state: string;
  isReferral: boolean;
  requestId?: string;
  /** When it is overdue, if it came into this state then; undefined when no clock runs. */
  due(enteredAt: Date): Date | undefined;
}

/** Ends of a referral that leave nobody anything to do. Declined and failed ones have to go to somebody else, completed ones to be acknowledged. */
const settled: ReadonlySet<string> = new Set(['loop-closed', 'cancelled', 'entered-in-error']);

/** Undefined when nobody has to do anything about it any more. `zone`: of the house, whose days people promise; IANA name. */
export function standingOf(task: r4.Task, zone = 'UTC'): Standing | undefined {
  const promised = lastMoment(task.restriction?.period, zone);
  if (!fulfillsReferral(task)) {
    if (closedTaskStates.has(task.status)) return undefined;
    return { state: task.status, isReferral: false, due: () => promised };
  }
  const state = stateOf(task);
  if (state === undefined || settled.has(state)) return undefined;
  const standing: Standing = {
    state,
    isReferral: true,
    due(enteredAt) {
      const due = dueOf(state, enteredAt, task);
      // A day that was promised counts when it comes before the clock.
      return due && promised && promised < due ? promised : due;
    },
  };
  const requestId = localId(task.focus, 'ServiceRequest');
  return requestId === undefined ? standing : { ...standing, requestId };
}

/** A day that was promised is kept until it has ended. */
function lastMoment(period: r4.Period | undefined, zone: string): Date | undefined {
  const end = endOf(period, zone);
  return end && new Date(end.getTime() - 1);
}
