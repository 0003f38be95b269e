import type { Typed } from '../../of-type.ts';
import { canonicalBase } from '../../shared-plan.ts';
import type { Resource } from '../../types.ts';
import { closedTaskStates } from '../actions.ts';
import { attributionOf } from '../attribution.ts';
import { localReference, referenceOf } from '../index-of.ts';
import type { ReviewState } from '../review.ts';
import type { PlanSection, SectionLine } from '../section-types.ts';
import { all, type Chart, day, lineFor, section } from './chart.ts';

type Task = Resource & Typed<'Task'>;

export const careTaskSystem = `${canonicalBase}/CodeSystem/care-task`;
export const planReviewCode = 'plan-review';
export const coSignCode = 'co-sign';

/** When the plan was gone through, when it is due, who agreed and signed, whether the family has its copy, and what is still missing. */
export function reviewSection(chart: Chart, review: ReviewState): PlanSection | undefined {
  const { last, due, agreed, copyGiven, missing = [] } = review;
  const said = chart.plan.author ? [attributionOf(chart.plan, chart.index, chart.writers)] : [];
  const own = (words: string, open = true): SectionLine => ({
    references: [referenceOf(chart.plan)],
    words,
    facts: [],
    said,
    open,
  });
  const lines = [
    ...(last === undefined ? [] : [own(`Last agreed on ${last}`)]),
    ...(due === undefined ? [own('No day of review is recorded')] : [own(`To be gone through again by ${due}`)]),
    ...(agreed.length === 0 ? [] : [own(`Agreed by ${agreed.join(', ')}`)]),
    ...(copyGiven === undefined ? [] : [own(`Copy given to the family on ${copyGiven}`)]),
    ...(chart.contributors.length === 0 ? [] : [own(`Contributed: ${chart.contributors.join(', ')}`)]),
    ...tasksOf(chart, planReviewCode)
      .filter(isOpen)
      .flatMap((task) => taskLine(task, chart, 'Review waits')),
    ...tasksOf(chart, coSignCode).flatMap((task) => coSignLine(task, chart)),
    ...missing.map((words) => ({ references: [], words: `Missing: ${words}`, facts: [], said: [], open: true })),
  ];
  return section('review', 'Review of this plan', lines);
}

/** Tasks of this code whose focus is the plan. */
export function tasksOf(chart: Pick<Chart, 'index' | 'plan'>, code: string): Task[] {
  return all(chart as Chart, 'Task').filter(
    (task) =>
      localReference(task.focus) === referenceOf(chart.plan) &&
      task.code?.coding?.some((one) => one.system === careTaskSystem && one.code === code) === true,
  );
}

function isOpen({ status }: Task): boolean {
  return !closedTaskStates.has(status);
}

function taskLine(task: Task, chart: Chart, words: string): SectionLine[] {
  const owner = chart.index.nameOf(task.owner);
  return lineFor(chart, task, { words, facts: [owner ? `responsible: ${owner}` : 'nobody responsible yet'] });
}

function coSignLine(task: Task, chart: Chart): SectionLine[] {
  const owner = chart.index.nameOf(task.owner) ?? 'primary care';
  if (isOpen(task)) return taskLine(task, chart, 'Waits to be co-signed');
  if (task.status !== 'completed') return [];
  const on = day(task.executionPeriod?.end ?? task.lastModified);
  return lineFor(chart, task, { words: `Co-signed by ${owner}`, facts: [on && `on ${on}`], open: true });
}
