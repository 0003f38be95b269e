import type { GoalLine, PlanView, ReferralLine, ReferralState, Source, TeamMember } from '../../fhir/plan-view.ts';
import { dayText } from './dates.ts';
import type { LaunchFailure } from './smart-launch.ts';

/** Every English word of the pages, in one place, so that a second language is one more file. */

const referralWords: Record<ReferralState, string> = {
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
  requested: 'Requested',
  unknown: 'State not known',
};

/** A referral whose work is done stays open until somebody has looked at the result. */
export function referralText({ state, open }: Pick<ReferralLine, 'state' | 'open'>): string {
  return state === 'completed' && open ? 'Done, result not reviewed yet' : referralWords[state];
}

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

/** Source: FHIR R4, goal-achievement. */
const achievementWords: Record<string, string> = {
  'in-progress': 'Making progress',
  improving: 'Getting better',
  worsening: 'Getting worse',
  'no-change': 'No change',
  achieved: 'Reached',
  sustaining: 'Reached and holding',
  'not-achieved': 'Not reached',
  'no-progress': 'No progress',
  'not-attainable': 'Cannot be reached',
};

/** What a source says of the progress: its own words, or ours for a bare code. */
export function achievementText(achievement: string | undefined): string | undefined {
  return achievement && (achievementWords[achievement] ?? achievement);
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
  denied: {
    title: 'You have no access to this child',
    help: 'The sign-in ended without it. Ask your administrator, or open the plan from your EHR again.',
  },
  expired: { title: 'Your session has ended', help: 'Nothing was lost. Open the plan from your EHR again.' },
  unreachable: {
    title: 'Careweave cannot be reached',
    help: 'Check the connection and try again. This does not mean that the child has no plan.',
  },
  interrupted: {
    title: 'The launch was interrupted',
    help: 'Careweave could not be reached while you were signed in. Open the plan from your EHR again. This does not mean that the child has no plan.',
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

export const words = {
  skip: 'Skip to the problems',
  child: 'Child',
  ageUnknown: 'age not known',
  born: (day: string) => `born ${day}`,
  lastChange: (day: string) => (day ? `Last change ${day}` : 'No date of change is recorded'),
  readAt: (day: string, time: string) => `read ${day} at ${time}`,
  readAgain: 'Read again',
  tryAgain: 'Try again',
  loading: 'Reading the shared plan…',
  sessionEnded: 'Your session has ended. What is shown may be out of date: open the plan from your EHR again.',
  familyTitle: 'What matters to this family',
  noFamilyGoals: 'The family’s own goals have not been written down yet.',
  problems: 'Problems',
  showClosed: 'Show closed as well',
  noProblems: 'No active problem is in the plan.',
  closedProblems: (count: number) => `${counted(count, 'problem that is', 'problems that are')} not active`,
  notActive: 'Not active',
  recordedBy: 'Recorded by',
  sourcesDiffer: 'Sources differ',
  unlinked: 'Not linked to a problem',
  goals: 'Goals',
  noGoals: 'No goal yet.',
  actions: 'Actions',
  noActions: 'No action yet.',
  referrals: 'Referrals',
  noReferrals: 'No referral yet.',
  closed: (count: number) => `${count} closed`,
  team: 'Care team',
  noTeam: 'Nobody is on the care team yet.',
  lead: 'Lead coordinator',
  contributors: (names: string) => `Contributed to this plan: ${names}`,
  hospitalPlans: 'Care plans of hospitals and practices',
  doNot: 'Do NOT:',
  unavailable: 'Cannot be shown',
  responsible: (name: string) => `Responsible: ${name}`,
  nobodyResponsible: 'Nobody is responsible yet',
  askedBy: (name: string) => `asked by ${name}`,
  due: (day: string) => `due ${day}`,
  overdue: (day: string) => `Overdue, was due ${day}`,
  noDate: 'no date',
  writtenBy: (name: string) => `written down by ${name}`,
  forWhom: (name: string) => `for ${name}`,
  noPlanTitle: 'No shared plan yet',
  noPlan: 'This child is known to Careweave, but no shared plan of care has been started.',
  noPatient: 'This child’s record could not be shown, and no shared plan of care was found.',
  noPlanHelp: 'A care coordinator can compose one from what the hospitals and the family have said.',
};

/** A period written `start – end`, either of which may be `…`. */
export function periodText(period: string): string {
  const [start, end] = period.split(' – ').map((part) => dayText(part));
  if (start && end) return `${start} to ${end}`;
  if (start) return `since ${start}`;
  return end ? `until ${end}` : '';
}

const sourceWords: Record<Source['kind'], string> = { hospital: 'Hospital', family: 'Family', here: 'Careweave' };

/** Who says so, with the kind of source in words, because color alone says nothing. */
export function sourceText({ kind, label }: Source): string {
  return label === sourceWords[kind] ? label : `${sourceWords[kind]}: ${label}`;
}

/** Roles that the name does not say already, as in `Ada Testwell (mother)`. */
export function rolesText({ name, roles }: Pick<TeamMember, 'name' | 'roles'>): string {
  return roles.filter((role) => !name.toLowerCase().endsWith(`(${role.toLowerCase()})`)).join(', ');
}

/** E.g. `2 goals, 1 action, 0 referrals`. */
export function workText(work: { goals: number; actions: number; referrals: number }): string {
  return [
    counted(work.goals, 'goal', 'goals'),
    counted(work.actions, 'action', 'actions'),
    counted(work.referrals, 'referral', 'referrals'),
  ].join(', ');
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** E.g. `3 problems, 2 goals, 1 action, 2 referrals`. */
export function countsText(counts: PlanView['counts']): string {
  return `${counted(counts.problems, 'problem', 'problems')}, ${workText(counts)}`;
}
