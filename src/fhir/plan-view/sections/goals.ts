import { referralStateText } from '../referral-state-text.ts';
import type { PlanSection, SectionLine } from '../section-types.ts';
import type { ActionLine, GoalLine, Line, ReferralLine } from '../types.ts';
import { type Chart, day, isText, saidOf, section } from './chart.ts';

/** Goals, the family's own apart from the clinicians'. */
export function goals(chart: Chart): PlanSection | undefined {
  const lines = (fromFamily: boolean) =>
    openFirst(chart.goals.filter((goal) => goal.fromFamily === fromFamily)).map((goal) => goalLine(goal, chart));
  return section(
    'goals',
    'Goals',
    [],
    [
      section('family-goals', 'What matters to the family', lines(true)),
      section('clinician-goals', 'Goals of the professionals', lines(false)),
    ],
  );
}

/** What was agreed to be done, by whom and by when; where nobody is named it says so, because that is what has to change. */
export function actions(chart: Chart): PlanSection | undefined {
  const lines = [
    ...openFirst(chart.actions).map((one) => actionLine(one, chart)),
    ...openFirst(chart.referrals).map((one) => referralLine(one, chart)),
  ];
  return section('actions', 'Who does what by when', lines);
}

function goalLine(goal: GoalLine, chart: Chart): SectionLine {
  const facts = [
    goal.status,
    goal.achievement,
    ...goal.targets,
    due(goal.due),
    acceptanceText(goal),
    rejectedText(goal),
  ];
  return { ...plainLine(goal, chart, facts), ...(goal.fromFamily && { quoted: true }) };
}

function rejectedText({ rejectedBecause }: GoalLine): string | undefined {
  return rejectedBecause && `rejected because: ${rejectedBecause}`;
}

function acceptanceText({ acceptance, negotiated }: GoalLine): string | undefined {
  if (acceptance === 'disagreed') return 'not agreed by all';
  if (negotiated) return 'agreed by the family and the professionals';
  return acceptance === 'agreed' ? 'agreed by all' : undefined;
}

function actionLine(one: ActionLine, chart: Chart): SectionLine {
  const owner = one.owner ? `responsible: ${one.owner}` : one.open && 'nobody responsible yet';
  return plainLine(one, chart, [one.status, owner, due(one.due)]);
}

function referralLine(one: ReferralLine, chart: Chart): SectionLine {
  const people = [one.requester && `asked by ${one.requester}`, one.performer && `to ${one.performer}`];
  const line = plainLine(one, chart, [referralStateText(one), ...people, due(one.due)]);
  return {
    ...line,
    references: [...line.references, ...one.tasks],
    ...(one.doNotPerform && { doNot: true }),
  };
}

function plainLine(one: Line, chart: Chart, facts: readonly (string | false | undefined)[]): SectionLine {
  const own = one.said ?? { kind: one.source.kind, who: one.source.label };
  const resource = chart.index.get(one.reference);
  const said = [own, ...(resource ? saidOf(resource, chart).slice(1) : [])];
  return {
    references: resource ? [one.reference] : [],
    words: one.text,
    facts: facts.filter(isText),
    said,
    open: one.open,
  };
}

function due(date: string | undefined): string | undefined {
  return date && `due ${day(date)}`;
}

function openFirst<T extends Line>(lines: readonly T[]): T[] {
  return [...lines].sort((a, b) => Number(b.open) - Number(a.open));
}
