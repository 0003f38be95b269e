import type { Trouble } from '../shared/fhir-client.ts';
import type { LaunchFailure } from '../shared/smart-launch.ts';

/** Every English word of the coordinator's page, in one place. Codes without a word here are shown as they are, never hidden. */

export const words = {
  title: 'Care coordination',
  skip: 'Skip to the content',
  signIn: 'Sign in',
  signInAgain: 'Sign in again',
  signOut: 'Sign out',
  reading: 'Reading…',
  writing: 'Saving…',
  tryAgain: 'Try again',
  sessionEnded: 'Your session has ended. What is shown may be out of date.',
};

export const welcomeWords: Record<LaunchFailure, { title: string; help: string }> = {
  'no-launch': {
    title: 'Care coordination',
    help: 'For care coordinators: what waits, whom you look after, and what several hospitals say of one child.',
  },
  'wrong-server': { title: 'This address is for another server', help: 'Open the page again from its own address.' },
  refused: { title: 'The sign-in was not accepted', help: 'It may have taken too long. Sign in again.' },
  denied: {
    title: 'This page is for care coordinators',
    help: 'The account that is signed in is not one of a professional. Sign in with another, or ask your administrator.',
  },
  expired: { title: 'Your session has ended', help: 'Nothing was lost. Sign in again.' },
  unreachable: { title: 'Careweave cannot be reached', help: 'Check the connection, then sign in again.' },
  interrupted: {
    title: 'The sign-in was interrupted',
    help: 'Careweave could not be reached on the way. Sign in again.',
  },
};

const troubles: Record<Trouble['kind'], string> = {
  expired: 'Your session has ended. Nothing was lost.',
  conflict:
    'Somebody else changed this in the meantime, so nothing was saved. It has been read again: look at it, then decide.',
  refused: 'This cannot be done.',
  unreachable:
    'Careweave could not be reached, or did not answer. It is not known whether this was saved: read it again first.',
};

/** What happened and what to do, the server's own sentence first. */
export function troubleText({ kind, sentence }: Trouble): string {
  if (kind === 'refused') return sentence || troubles.refused;
  return troubles[kind];
}

export const homeWords = {
  tabs: 'Your desk',
  queue: 'Work queue',
  caseload: 'Caseload',
  proposals: 'Proposals',
};

export const findWords = {
  label: 'Find a child by name',
  find: 'Find',
  nobody: 'No child of this name is here for you.',
  noName: 'Name not known',
  born: (day: string) => `born ${day}`,
  more: (most: number) => `There are more than ${most}: type more of the name.`,
};

const referralStates: Record<string, string> = {
  draft: 'not sent yet',
  sent: 'sent',
  seen: 'seen',
  accepted: 'accepted',
  active: 'under way',
  scheduled: 'appointment made',
  'no-show': 'family was not there',
  'appointment-cancelled': 'appointment cancelled',
  'visit-done': 'visit held',
  'cancel-requested': 'cancellation asked for',
  'more-information': 'more information wanted',
  waitlisted: 'on the waiting list',
  completed: 'completed',
  'loop-closed': 'outcome looked at',
  declined: 'declined',
  cancelled: 'cancelled',
  failed: 'did not succeed',
  'entered-in-error': 'entered in error',
  // Task.status of what is no referral.
  requested: 'to do',
  received: 'received',
  ready: 'ready',
  rejected: 'declined',
  'in-progress': 'under way',
  'on-hold': 'on hold',
};

export const stateText = (state: string) => referralStates[state] ?? state;

const count = (number: number, one: string, many: string) => `${number} ${number === 1 ? one : many}`;

export const queueWords = {
  title: 'What waits',
  whose: 'Whose',
  mine: 'Mine',
  everybody: 'Everybody’s',
  why: 'Why it stands here',
  reasons: {
    overdue: 'Overdue',
    due: 'Due within a week',
    unowned: 'Nobody’s',
    stuck: 'Untouched for a month',
  } as Record<string, string>,
  reasonBadges: { overdue: 'overdue', due: 'due soon', unowned: 'nobody’s', stuck: 'stuck' } as Record<string, string>,
  ages: {
    'long-overdue': 'Overdue for two weeks or more',
    overdue: 'Overdue',
    due: 'Due within a week',
    later: 'Later',
    undated: 'Without a day',
  },
  plot: (shown: number, more: boolean) =>
    more ? `The first ${shown}, by when they are due` : `All ${shown}, by when they are due`,
  someTask: 'Task',
  state: (state: string, since: string) => (since === '' ? state : `${state} since ${since}`),
  due: (day: string) => `due ${day}`,
  wasDue: (day: string) => `was due ${day}`,
  owner: (name: string) => `with ${name}`,
  nobody: 'with nobody',
  more: 'Show more',
  noneMine: 'Nothing of yours is due, overdue or stuck. “Everybody’s” shows what others have, and what is nobody’s.',
  none: 'Nothing waits for these reasons.',
};

export const childWords = {
  tabs: 'About this child',
  plan: 'Plan',
  work: 'To do',
  needs: 'Needs',
  contacts: 'Contacts',
  team: 'Team',
  reconcile: 'Reconcile',
  proposals: 'Proposals',
  noName: 'Name not known',
  born: (day: string) => `born ${day}`,
};

export const planWords = {
  noPlan: 'No shared plan yet',
  noPlanHelp: 'It is composed of what hospitals, practices and the family have said; nothing of that is changed by it.',
  compose: 'Compose the shared plan',
};

export const reconcileWords = {
  title: 'What several places say',
  help: 'What hospitals sent is never edited. What you decide is carried out together or not at all, and is remembered until one of the places says something else. A conflict, and whatever is kept apart or leaves the plan, needs a reason.',
  none: 'Nothing to reconcile: the places agree, or everything has been decided.',
  kinds: {
    conflict: 'Conflict',
    duplicate: 'Duplicate',
    overlap: 'Overlap',
    orphan: 'Serves no goal',
    stale: 'Stale',
    'missing-owner': 'Nobody’s',
  } as Record<string, string>,
  abouts: {
    problem: 'Problem',
    allergy: 'Allergy',
    medication: 'Medicine',
    goal: 'Goal',
    activity: 'Activity',
  } as Record<string, string>,
  choices: {
    same: 'One and the same',
    'keep-one': 'Keep one, the others leave the plan',
    apart: 'Keep apart, all is as it should be',
    drop: 'Leaves the shared plan, stays in the record',
    're-create': 'Write it into the shared plan',
    'link-goal': 'Link it to a goal',
    'assign-owner': 'Name who does it',
  } as Record<string, string>,
  decide: 'What do you decide?',
  suggested: 'suggested',
  later: 'Decide later',
  keep: 'Whose words hold?',
  drop: 'What leaves the plan?',
  goal: 'Goal',
  noGoal: 'This child has no open goal yet that it could be linked to.',
  owner: 'Who does it',
  noOwner: 'Nobody is on the care team yet who could be named.',
  choose: 'Choose…',
  reason: 'Reason',
  sentBy: (source: string) => `sent by ${source}`,
  record: (number: number) => (number === 0 ? 'Record decisions' : `Record ${count(number, 'decision', 'decisions')}`),
  recorded: (number: number) => `${count(number, 'decision is', 'decisions are')} recorded.`,
  readAgain: 'Somebody changed one of these records in the meantime, so nothing was recorded. This is how it is now.',
  before: (number: number) => `Decided before (${number})`,
  by: (name: string, day: string) => `${name}, ${day}`,
  somebody: 'somebody',
};
