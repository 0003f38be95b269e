import { ofType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { fulfillsReferral } from '../referral/states.ts';

/** The stages of a need, in their order: each counts only what the one before has found (profiles/measures/social-needs-followed). */
export const stages = ['positive', 'referred', 'accepted', 'served', 'resolved'] as const;
export type Stage = (typeof stages)[number];

type Kept<T> = Resource & T;
export type Condition = Kept<r4.Condition>;
export type Task = Kept<r4.Task>;

/** One need, told by one Condition or by several that have a day and a code in common. */
export interface Need {
  conditions: readonly Condition[];
  /** The day it began, else was recorded; undefined when neither is known by its day. */
  since?: string;
  stage: Stage;
  requests: readonly Kept<r4.ServiceRequest>[];
  /** All Tasks that fulfill its requests, whatever became of them. */
  tasks: readonly Task[];
}

const usCoreCategory = 'http://hl7.org/fhir/us/core/CodeSystem/us-core-category';
const standing: ReadonlySet<string> = new Set(['active', 'on-hold', 'completed']);
const takenOn: ReadonlySet<string> = new Set(['accepted', 'ready', 'in-progress', 'completed']);
const ended: ReadonlySet<string | undefined> = new Set(['inactive', 'remission', 'resolved']);
const notBelieved: ReadonlySet<string | undefined> = new Set(['refuted', 'entered-in-error']);

export function isSocialNeed({ category }: Pick<r4.Condition, 'category'>): boolean {
  return (category ?? []).some(({ coding }) =>
    coding?.some(({ system, code }) => system === usCoreCategory && code === 'sdoh'),
  );
}

/**
 * The needs of one child with how far each has come, from the records alone: oldest first, those without a day last. A closed referral does not
 * move a need on: only a Task that was completed serves it, and only the end of the Condition resolves it. `today` as YYYY-MM-DD. Pure.
 */
export function needsOf(records: readonly Resource[], today: string): Need[] {
  const conditions = ofType(records, 'Condition').filter(
    (condition) => isSocialNeed(condition) && isBelieved(condition),
  );
  const requests = ofType(records, 'ServiceRequest');
  const tasks = ofType(records, 'Task').filter(fulfillsReferral);
  const groups: Condition[][] = [];
  for (const condition of [...conditions].sort((a, b) => ((a.id ?? '') < (b.id ?? '') ? -1 : 1))) {
    const same = groups.find(([first]) => first && isSameNeed(first, condition));
    if (same) same.push(condition);
    else groups.push([condition]);
  }
  return groups.map((group) => needOf(group, requests, tasks, today)).sort(byDay);
}

function needOf(
  conditions: Condition[],
  all: readonly Kept<r4.ServiceRequest>[],
  tasks: readonly Task[],
  today: string,
): Need {
  const requests = all.filter(
    ({ status, doNotPerform, reasonReference = [] }) =>
      standing.has(status) &&
      doNotPerform !== true &&
      reasonReference.some((reason) => conditions.some(({ id }) => refersTo(reason, 'Condition', id))),
  );
  const mine = tasks.filter(({ focus }) => requests.some(({ id }) => refersTo(focus, 'ServiceRequest', id)));
  const since = onsetDay(conditions[0]);
  const reached = stageOf(conditions, requests, mine, today);
  return { conditions, ...(since !== undefined && { since }), stage: reached, requests, tasks: mine };
}

function stageOf(
  [first]: readonly Condition[],
  requests: readonly object[],
  tasks: readonly Task[],
  today: string,
): Stage {
  if (requests.length === 0) return 'positive';
  if (!tasks.some(({ status }) => takenOn.has(status))) return 'referred';
  if (!tasks.some(({ status }) => status === 'completed')) return 'accepted';
  return first && hasEnded(first, today) ? 'resolved' : 'served';
}

function isBelieved({ verificationStatus }: r4.Condition): boolean {
  return verificationStatus?.coding?.some(({ code }) => notBelieved.has(code)) !== true;
}

/** It does not go on, and its end, where it has a date, is not ahead. */
export function hasEnded(condition: r4.Condition, today: string): boolean {
  const abatement = Object.keys(condition).some((key) => /^_?abatement[A-Z]/.test(key));
  const goesOn = !abatement && !condition.clinicalStatus?.coding?.some(({ code }) => ended.has(code));
  const day = dayOf(condition.abatementDateTime ?? condition.abatementPeriod?.end);
  return !goesOn && !(day !== undefined && day > today);
}

function isSameNeed(one: Condition, other: Condition): boolean {
  const day = onsetDay(one);
  if (day === undefined || day !== onsetDay(other)) return false;
  const codes = other.code?.coding ?? [];
  return (one.code?.coding ?? []).some(({ system, code }) =>
    codes.some((each) => code !== undefined && each.code === code && each.system === system),
  );
}

export function onsetDay(condition: Condition | undefined): string | undefined {
  const onset = condition?.onsetDateTime ?? condition?.onsetPeriod?.start;
  return dayOf(onset) ?? dayOf(condition?.recordedDate);
}

/** The day of a date or time; a month or a year alone is none. */
export function dayOf(text: string | undefined): string | undefined {
  return /^\d{4}-\d{2}-\d{2}/.exec(text ?? '')?.[0];
}

/** A reference to this resource of ours, relative or absolute, any version. */
export function refersTo(reference: r4.Reference | undefined, type: string, id: string | undefined): boolean {
  const text = reference?.reference?.replace(/\/_history\/.*$/, '');
  return id !== undefined && (text === `${type}/${id}` || text?.endsWith(`/${type}/${id}`) === true);
}

function byDay({ since: left = '9' }: Need, { since: right = '9' }: Need): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
