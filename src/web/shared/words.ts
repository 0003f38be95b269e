import type { GoalLine, PlanView, ReferralState } from '../../fhir/plan-view.ts';
import type { LaunchFailure } from './smart-launch.ts';

/** Every English word of the pages, in one place, so that a second language is one more file. */

export const referralWords: Record<ReferralState, string> = {
  draft: 'Not sent yet',
  sent: 'Sent, no answer yet',
  seen: 'Received, not answered yet',
  accepted: 'Accepted',
  'in-progress': 'Under way',
  'on-hold': 'On hold',
  completed: 'Completed',
  declined: 'Declined',
  cancelled: 'Cancelled',
  failed: 'Did not succeed',
  requested: 'Requested, nobody has taken it yet',
  unknown: 'State not known',
};

const statusWords: Record<string, string> = {
  active: 'Active',
  accepted: 'Accepted',
  proposed: 'Proposed',
  planned: 'Planned',
  completed: 'Completed',
  cancelled: 'Cancelled',
  'on-hold': 'On hold',
  'in-progress': 'Under way',
  requested: 'To do',
  received: 'Received',
  ready: 'Ready',
  draft: 'Draft',
  rejected: 'Declined',
  failed: 'Did not succeed',
  revoked: 'Withdrawn',
  'not-started': 'Not started',
  scheduled: 'Scheduled',
  stopped: 'Stopped',
  unknown: 'State not known',
  resolved: 'Resolved',
  remission: 'In remission',
  inactive: 'Inactive',
  recurrence: 'Came back',
  relapse: 'Came back',
};

/** A FHIR status in words; a code we have no word for is shown as it is, never hidden. */
export function statusText(status: string): string {
  return statusWords[status] ?? status;
}

export const acceptanceWords: Record<NonNullable<GoalLine['acceptance']>, string> = {
  agreed: 'Agreed by all',
  disagreed: 'Not everyone agrees',
  pending: 'Waiting for answers',
};

export const failureWords: Record<
  LaunchFailure | 'refused-data' | 'unreachable-data',
  { title: string; help: string }
> = {
  'no-launch': {
    title: 'Open this page from the patient’s chart',
    help: 'The shared plan opens from your EHR, so that it always shows the right child.',
  },
  'wrong-server': {
    title: 'This launch is for another server',
    help: 'Close this page and open the plan from your EHR again.',
  },
  refused: {
    title: 'The launch was not accepted',
    help: 'It may have been used before or have taken too long. Open the plan from your EHR again.',
  },
  expired: { title: 'Your session has ended', help: 'Nothing was lost. Open the plan from your EHR again.' },
  unreachable: {
    title: 'Careweave cannot be reached',
    help: 'Check the connection and try again. This does not mean that the child has no plan.',
  },
  'refused-data': {
    title: 'You may not see this plan',
    help: 'Your EHR’s launch does not allow all of it to be read. Ask your administrator.',
  },
  'unreachable-data': {
    title: 'The plan could not be read completely',
    help: 'Nothing is shown rather than a part of it. Try again. This does not mean that the child has no plan.',
  },
};

const counted = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

/** E.g. `3 problems, 2 goals, 1 action, 2 referrals`. */
export function countsText(counts: PlanView['counts']): string {
  return [
    counted(counts.problems, 'problem', 'problems'),
    counted(counts.goals, 'goal', 'goals'),
    counted(counts.actions, 'action', 'actions'),
    counted(counts.referrals, 'referral', 'referrals'),
  ].join(', ');
}
