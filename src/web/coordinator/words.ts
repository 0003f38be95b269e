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
  measures: 'Measures',
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
  measures: 'Measures',
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
    apart: 'They are different things: keep both',
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
  unseen: 'a record that is not shown',
};

/** Of a single record `apart` says that nothing is wrong with it. */
export function choiceText(choice: string, records: number): string {
  if (choice === 'apart' && records === 1) return 'All is as it should be';
  return reconcileWords.choices[choice] ?? choice;
}

export const workWords = {
  referrals: 'Referrals',
  noReferrals: 'No referral is open.',
  tasks: 'Tasks',
  noTasks: 'No task is open.',
  closed: (number: number) => `${number} closed`,
  askedBy: (name: string) => `asked by ${name}`,
  appointment: (day: string) => `appointment ${day}`,
  why: (reason: string) => `Why: ${reason}`,
  next: 'What happens next',
  choose: 'Choose…',
  day: 'Day of the appointment',
  reason: 'Reason',
  reasonIfAny: 'Reason, if there is one',
  note: 'Note',
  record: 'Record',
  moved: (state: string) => `Recorded: ${state}.`,
  reroute: 'Ask somebody else',
  whom: 'Who is asked now',
  ask: 'Ask them',
  rerouted: 'Somebody else is asked now.',
  thread: (number: number) => (number === 0 ? 'Write to each other' : `Messages (${number})`),
  noWords: '(no words)',
  somebody: 'somebody',
  party: 'a party',
  write: (names: string) => (names === '' ? 'Message' : `Message to ${names}`),
  send: 'Send',
  sent: 'The message is sent.',
  toProposals: 'Answer it among the proposals',
  confirm: 'Confirm the hand-off',
  confirmed: 'Your confirmation is recorded.',
  steps: { take: 'Take it on', done: 'It is done', end: 'It will not be done' },
  taken: 'It is yours now.',
  done: 'Recorded as done.',
  ended: 'Recorded as not to be done, with the reason.',
  whyEnded: 'Why it will not be done',
  inWords: 'In words',
};

export const newReferralWords = {
  title: 'New referral',
  service: 'What is asked for',
  reason: 'What it is for',
  noReason: 'No problem or need in particular',
  needs: 'Needs',
  problems: 'Problems',
  owner: 'Who is asked',
  services: 'Services',
  organizations: 'Organizations',
  due: 'Until when',
  priority: 'How urgent',
  priorities: { routine: 'Routine', urgent: 'Urgent', asap: 'As soon as possible', stat: 'At once' },
  consent: 'What the family has agreed to, in their words',
  consentHint:
    'This note stays with the referral and shares nothing by itself. A school or community partner sees this child only as far as the family’s consent under sharing says.',
  told: 'The family sees this referral on their page',
  send: 'Send the referral',
  sent: 'The referral is sent.',
};

export const needsWords = {
  title: 'Needs',
  help: 'A need stays here until it is met or withdrawn with a reason, whatever becomes of a referral for it.',
  none: 'No need has been found.',
  since: (day: string) => `since ${day}`,
  states: { open: 'open', withdrawn: 'withdrawn', resolved: 'resolved' } as Record<string, string>,
  stages: {
    positive: 'found',
    referred: 'referred',
    accepted: 'somebody has taken it on',
    served: 'served',
    resolved: 'resolved',
  } as Record<string, string>,
  counts: {
    screened: 'Screened',
    positive: 'Found',
    referred: 'Referred',
    accepted: 'Taken on',
    served: 'Served',
    resolved: 'Resolved',
  } as Record<string, string>,
  unconfirmed: 'not talked about yet',
  withdrawn: (reason: string) => `Withdrawn: ${reason}`,
  referral: (state: string) => `Referral: ${state}`,
  plot: 'How far the needs have come',
  screens: 'When to ask again',
  never: 'never asked',
  last: (day: string) => `last asked ${day}`,
  due: (day: string) => `due ${day}`,
  overdue: 'due now',
  unnamed: 'Need',
};

export const contactWords = {
  title: 'Contacts',
  month: 'Month (all when empty)',
  plot: 'Contacts that were held',
  none: 'No contact is logged.',
  modes: {
    call: 'Call',
    video: 'Video',
    'home-visit': 'Visit at home',
    'office-visit': 'In the office',
    'community-visit': 'Elsewhere',
    message: 'Message',
    letter: 'Letter',
    fax: 'Fax',
  } as Record<string, string>,
  tried: (number: number) => `${count(number, 'attempt', 'attempts')} besides`,
  minutes: (number: number) => `${number} minutes`,
  notReached: 'nobody reached',
  log: 'Log a contact',
  mode: 'How',
  where: 'Where',
  when: 'When',
  activity: 'What for',
  choose: 'Choose…',
  reached: 'Somebody was reached',
  outcome: 'Why nobody was reached',
  minutesSpent: 'Minutes',
  episode: 'For which enrollment',
  since: (day: string) => `since ${day}`,
  enrollment: 'Enrollment',
  noEpisode: 'Minutes are logged for an enrollment, and this child has none that runs.',
  record: 'Log it',
  logged: 'The contact is logged.',
};

export const teamWords = {
  title: 'Care team',
  now: 'On the team now',
  none: 'This child has no care team of ours yet.',
  history: 'Who came and went',
  joined: 'joined',
  left: 'left',
  always: 'was always there',
  since: (day: string) => `since ${day}`,
  lead: 'lead coordinator',
  primaryCare: 'primary care',
  somebody: 'somebody',
};

export const caseloadWords = {
  title: 'Caseload',
  noRole: 'You have no role in a program, so there is no caseload of yours.',
  plot: (program: string) => `${program}: children by care manager, against the cap`,
  load: (children: number, cap: number | undefined, onHold: number) =>
    [cap === undefined ? `${children}` : `${children} of ${cap}`, onHold > 0 ? `${onHold} on hold` : '']
      .filter(Boolean)
      .join(', '),
  you: (name: string) => `${name} (you)`,
  mine: (number: number) => `Your children (${number})`,
  states: {
    eligible: 'eligible',
    waitlist: 'waiting',
    active: 'enrolled',
    onhold: 'on hold',
    ended: 'ended',
  } as Record<string, string>,
  tiers: { low: 'low', moderate: 'moderate', high: 'high' } as Record<string, string>,
  child: 'Child',
  state: 'State',
  since: 'Since',
  tier: 'Tier',
  none: 'Nobody is enrolled with you.',
  nobody: 'Nobody',
};

export const proposalWords = {
  title: 'Proposals',
  none: 'No proposal waits for an answer.',
  actions: {
    add: 'wishes to add',
    change: 'wishes to change',
    remove: 'wishes to remove',
    comment: 'remarks on',
  } as Record<string, string>,
  line: (who: string, action: string) => `${who} ${action}`,
  somebody: 'Somebody',
  wholePlan: 'the plan as a whole',
  before: 'As they saw it',
  wanted: 'As they wish it',
  wish: 'What they wish',
  about: 'About',
  child: 'Child',
  opinions: 'What others think',
  answer: 'Your answer',
  answers: {
    accept: 'Accept',
    reject: 'Reject',
    opinion: 'Only say what you think',
    withdraw: 'Take it back',
  } as Record<string, string>,
  reason: 'In words',
  record: 'Answer',
  answered: {
    accept: 'Accepted: the change is in the plan.',
    reject: 'Rejected, with your reason.',
    opinion: 'Your opinion stands beside it.',
    withdraw: 'Taken back.',
  } as Record<string, string>,
};

export const newProposalWords = {
  title: 'Propose a change',
  help: 'A proposal waits until a clinician accepts or rejects it; until then the plan stays as it is.',
  action: 'What is to happen',
  actions: {
    comment: 'A remark, on one line or the whole plan',
    goal: 'A new goal',
    request: 'Something to be asked for',
    remove: 'A line leaves the plan',
  },
  target: 'Which line',
  wholePlan: 'The plan as a whole',
  choose: 'Choose…',
  lines: { Goal: 'Goals', Condition: 'Problems', other: 'What is done' },
  text: 'What is to stand in the plan',
  reason: 'Why, in plain words',
  whose: 'Whose wish it is',
  mine: 'My own',
  send: 'Propose it',
  sent: 'The proposal waits for an answer.',
};

export const meetingWords = {
  title: 'Close a joint meeting',
  help: 'A meeting about the plan ends in decisions, each with somebody who does it and a day.',
  attendees: 'Who was there',
  agenda: 'What was talked about, a point in each line',
  decision: (number: number) => `Decision ${number}`,
  text: 'What is to be done',
  owner: 'Who does it',
  due: 'Until when',
  choose: 'Choose…',
  more: 'Another decision',
  record: 'Close the meeting',
  closed: 'The meeting is closed: its decisions are tasks now.',
};
