import type { Clock } from '../base/clock.ts';
import type { Result } from '../base/errors.ts';
import type { Module } from '../module.ts';
import type { NewJob, Reader, Tx } from '../store/types.ts';
import { checkSocialNeed } from './condition/check-social-need.ts';
import { checkGoalAnswers } from './goal/check-answers.ts';
import { checkGoalStatusDate } from './goal/check-status-date.ts';
import { checkGoalWords } from './goal/check-words.ts';
import { concludeComponentPlan } from './plan/check-component.ts';
import { checkOneActivePlan } from './plan/check-one-active.ts';
import { checkSharedPlan } from './plan/check-shared-plan.ts';
import { type Composed, type ComposeOptions, composePlan } from './plan/compose.ts';
import { composeJob } from './plan/compose-job.ts';
import { composeOperation } from './plan/compose-operation.ts';
import { type PlanDocument, renderPlanDocument, type Shown } from './plan/document.ts';
import { queueCompose } from './plan/queue-compose.ts';
import { recordActivePlan } from './plan/record-active-plan.ts';
import { rememberRemovals } from './plan/removed.ts';
import { escalateJob, escalateOverdue } from './queue/escalate-job.ts';
import { keepTaskClocks } from './queue/keep-clocks.ts';
import { workQueueOperation } from './queue/work-queue.ts';
import { checkFulfillment, concludeFulfillment } from './referral/check-fulfillment.ts';
import { checkReferralMove } from './referral/check-move.ts';
import { checkSentReferral } from './referral/check-sent.ts';
import { followTask } from './referral/follow-task.ts';
import { checkTeamMembers } from './team/check-members.ts';

export interface CareDeps {
  clock: Clock;
  /** What of a child's records a document that leaves the house may tell; absent: all. */
  shown?: Shown;
}

export interface Care {
  module: Module;
  /** To be queued at start: the first look for overdue referrals, which then queues itself. */
  escalateJob: NewJob;
  /** Composes one child's shared plan within the caller's transaction (see plan/compose.ts). */
  composePlan(tx: Tx, patientId: string, options?: Omit<ComposeOptions, 'clock'>): Promise<Result<Composed>>;
  /** The plan as a self-contained page, the same for equal content (see plan/document.ts). */
  renderPlanDocument(reader: Reader, planId: string): Promise<Result<PlanDocument>>;
}

/** The rules, effects, operation and job of care. Needs no store to be made: each gets the transaction it works in. */
export function createCare({ clock, shown }: CareDeps): Care {
  return {
    escalateJob,
    module: {
      name: 'care',
      checks: [
        checkTeamMembers,
        checkSocialNeed,
        checkGoalWords,
        checkGoalStatusDate,
        checkGoalAnswers,
        checkFulfillment,
        checkSentReferral,
        checkReferralMove,
        checkSharedPlan,
        checkOneActivePlan,
      ],
      effects: [recordActivePlan, rememberRemovals],
      conclusions: [concludeFulfillment, concludeComponentPlan, followTask, keepTaskClocks, queueCompose],
      operations: [composeOperation(clock), workQueueOperation(clock)],
      jobs: [composeJob, escalateOverdue],
    },
    composePlan: (tx, patientId, options) => composePlan(tx, patientId, { ...options, clock }),
    renderPlanDocument: (reader, planId) => renderPlanDocument(reader, planId, shown),
  };
}
