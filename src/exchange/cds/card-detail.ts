import { referralStateText } from '../../fhir/plan-view/referral-state-text.ts';
import { overdueText } from '../../fhir/plan-view/sections/at-a-glance.ts';
import type { Line, PlanView, ProblemView, ReferralLine } from '../../fhir/plan-view.ts';
import { markdownText } from './card-text.ts';

/** A card is read in passing: so much and no more, and it says how much it leaves out. */
const problemsMax = 8;
const linesMax = 4;
const textMax = 120;

/** The plan by problem in a few lines of markdown. */
export function cardDetail(view: PlanView): string {
  const active = view.problems.filter((problem) => problem.active);
  const shown = active.slice(0, problemsMax);
  const blocks = [
    view.review.overdue ? `**${text(overdueText(view.review))}**` : '',
    ...view.familyGoals.slice(0, 2).map((goal) => `“${text(goal.text)}” (${text(goal.speaker ?? 'family')})`),
    ...shown.map((problem) => block(text(problem.title), problem)),
    more(active.length - shown.length, 'problem'),
    hasOpen(view.unlinked) ? block('Not linked to a problem', view.unlinked) : '',
    lead(view),
  ];
  return blocks.filter((one) => one !== '').join('\n\n');
}

type Work = Pick<ProblemView, 'goals' | 'actions' | 'referrals'>;

function block(title: string, work: Work): string {
  const referrals = work.referrals.filter(isOpen);
  const lines = [
    // First: what must not be done is not to be among what is cut.
    ...referrals.filter(({ doNotPerform }) => doNotPerform).map((line) => `- DO NOT: ${text(line.text)}`),
    ...work.goals.filter(isOpen).map((goal) => `- Goal: ${text(goal.text)}`),
    ...referrals.filter(({ doNotPerform }) => !doNotPerform).map(referral),
    ...work.actions.filter(isOpen).map((action) => `- ${text(action.text)}${by(action.owner)}`),
  ];
  const shown = lines.slice(0, linesMax);
  const rest = more(lines.length - shown.length, 'line');
  return [`**${title}**`, '', ...shown, ...(rest === '' ? [] : [`- ${rest}`])].join('\n').trimEnd();
}

function referral(line: ReferralLine): string {
  return `- Referral: ${text(line.text)} (${referralStateText(line)})${by(line.performer)}`;
}

function lead({ team }: PlanView): string {
  const coordinator = team.find((member) => member.lead);
  return coordinator === undefined ? '' : `Lead coordinator: ${text(coordinator.name)}`;
}

function hasOpen(work: Work): boolean {
  return [...work.goals, ...work.actions, ...work.referrals].some(isOpen);
}

function isOpen(line: Line): boolean {
  return line.open;
}

function by(name: string | undefined): string {
  return name === undefined ? '' : `, ${text(name)}`;
}

function more(count: number, noun: string): string {
  return count > 0 ? `and ${count} more ${noun}${count === 1 ? '' : 's'}` : '';
}

function text(words: string): string {
  return markdownText(words, textMax);
}
