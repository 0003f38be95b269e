import { referralStateText } from '../../fhir/plan-view/referral-state-text.ts';
import { overdueText } from '../../fhir/plan-view/sections/at-a-glance.ts';
import type {
  ActionLine,
  GoalLine,
  Line,
  PlanView,
  ProblemView,
  ReferralLine,
  SectionCode,
} from '../../fhir/plan-view.ts';
import { element, escaped, list, section } from './markup.ts';
import { attributionText, saidHtml, sectionContent } from './section-html.ts';

const style = `
body { font: 11pt/1.45 Georgia, "Times New Roman", serif; color: #111; max-width: 46em; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.6em; margin: 0 0 .2em; } h2 { font-size: 1.25em; border-bottom: 1px solid #767676; margin: 1.4em 0 .4em; }
h3 { font-size: 1.08em; margin: 1.1em 0 .2em; } h4 { font-size: 1em; font-style: italic; margin: .6em 0 .1em; }
ul { margin: .2em 0 .5em; padding-left: 1.3em; } li { margin: .2em 0; } blockquote { margin: .3em 0 .1em; font-size: 1.1em; }
.source { color: #444; font-size: .88em; } .closed { color: #555; }
.overdue { border: 2px solid #a40000; color: #a40000; padding: .5em .7em; } .due { color: #444; }
@media print { body { margin: 0; max-width: none; } section, li { break-inside: avoid; } h2, h3 { break-after: avoid; } }
`;

/** Sections that the page shows in its own way: by problem, or on top. */
const shownOtherwise: ReadonlySet<SectionCode> = new Set(['at-a-glance', 'goals', 'actions', 'hospital-plans']);

/**
 * The page for a plan: the family's goals first, then problem by problem, then the other sections of the plan. Pure and the same for equal views.
 * `digest`: with the one-screen digest on top.
 */
export function documentHtml(view: PlanView, { digest = false }: { digest?: boolean } = {}): string {
  const { child } = view;
  const about = [child.birthDate && `born ${child.birthDate}`, child.sex].filter(Boolean).join(', ');
  const glance = digest ? view.sections.filter(({ code }) => code === 'at-a-glance') : [];
  const body = [
    `<h1>${escaped(view.title)}</h1>`,
    `<p><strong>${escaped(child.name)}</strong>${about === '' ? '' : `, ${escaped(about)}`}</p>`,
    view.asOf === undefined ? '' : element('p', `As of ${moment(view.asOf)}. Status: ${view.status}.`),
    reviewBanner(view),
    ...glance.map((one) => section(one.title, sectionContent(one))),
    section('What matters to the family', list(view.familyGoals.map(familyGoal))),
    section(
      'By problem',
      view.problems
        .filter(({ active }) => active)
        .map(problem)
        .join('\n'),
    ),
    section('Not linked to a problem', work(view.unlinked)),
    section(
      'Past problems',
      view.problems
        .filter(({ active }) => !active)
        .map(problem)
        .join('\n'),
    ),
    ...view.sections
      .filter(({ code }) => !shownOtherwise.has(code))
      .map((one) => section(one.title, sectionContent(one))),
    section(
      'Plans of the hospitals',
      list(view.hospitalPlans.map((plan) => line(plan, `${plan.title} (${plan.status})`))),
    ),
    section('Sources', list(view.sources.map(({ label }) => escaped(label)))),
  ];
  return [
    '<!DOCTYPE html>',
    '<html xmlns="http://www.w3.org/1999/xhtml" lang="en" xml:lang="en">',
    `<head><meta charset="utf-8" /><title>${escaped(view.title)}</title><style>${style}</style></head>`,
    `<body>\n${body.filter((part) => part !== '').join('\n')}\n</body>`,
    '</html>',
    '',
  ].join('\n');
}

/**
 * Whether the plan still counts (S1.21). A page that is read later than it was made cannot know its reader's day: it says until when it counts, and a page made
 * for a day says that the day has passed.
 */
function reviewBanner({ review }: PlanView): string {
  if (review.overdue) return `<p class="overdue" role="alert"><strong>${escaped(overdueText(review))}</strong></p>`;
  if (review.due === undefined) return '';
  return `<p class="due">${escaped(`To be gone through again by ${review.due}. After that day, ask for a newer plan.`)}</p>`;
}

function familyGoal(goal: GoalLine): string {
  const { said, speaker = 'Family', date } = goal;
  const who =
    said === undefined
      ? [speaker, date && moment(date)].filter(Boolean).join(', ')
      : attributionText({ ...said, who: speaker });
  return `<blockquote>“${escaped(goal.text)}”</blockquote><span class="source">${escaped(who)}</span>`;
}

function problem(view: ProblemView): string {
  const members = view.members.map((member) => `${escaped(member.status)} ${sourceText(member)}`).join('; ');
  return `<h3>${escaped(view.title)}</h3>\n<p class="source">${members}</p>\n${work(view)}`;
}

function work(group: Pick<ProblemView, 'goals' | 'actions' | 'referrals'>): string {
  const parts: [string, string][] = [
    ['Goals', list(group.goals.map(goal))],
    ['Actions', list(group.actions.map(action))],
    ['Referrals and orders', list(group.referrals.map(referral))],
  ];
  return parts
    .filter(([, content]) => content !== '')
    .map(([heading, content]) => `${element('h4', heading)}\n${content}`)
    .join('\n');
}

function goal(one: GoalLine): string {
  const words = one.fromFamily ? `“${one.text}”` : one.text;
  const facts = [
    one.status,
    one.achievement,
    ...one.targets,
    due(one.due),
    one.acceptance === 'disagreed' && 'not agreed by all',
  ];
  return line(one, words, facts);
}

function action(one: ActionLine): string {
  return line(one, one.text, [one.status, one.owner && `responsible: ${one.owner}`, due(one.due)]);
}

function referral(one: ReferralLine): string {
  const words = one.doNotPerform ? `DO NOT: ${one.text}` : one.text;
  const people = [one.requester && `asked by ${one.requester}`, one.performer && `to ${one.performer}`];
  return line(one, words, [referralStateText(one), ...people, due(one.due)]);
}

function line(one: Line, words: string, facts: readonly (string | false | undefined)[] = []): string {
  const said = facts.filter(Boolean).join('; ');
  const text = `${escaped(words)}${said === '' ? '' : ` (${escaped(said)})`} ${sourceText(one)}`;
  return one.open ? text : `<span class="closed">${text}</span>`;
}

function sourceText({ said, source, date }: Line): string {
  return saidHtml([said ?? { kind: source.kind, who: source.label, ...(date !== undefined && { when: date }) }]);
}

function due(date: string | undefined): string | undefined {
  return date && `due ${moment(date)}`;
}

/** The day is enough for a reader, and the same in every time zone of the text. */
function moment(date: string): string {
  return escaped(date.slice(0, 10));
}
