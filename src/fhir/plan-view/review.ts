import { limits } from '../../base/limits.ts';
import { canonicalBase } from '../shared-plan.ts';
import type { r4 } from '../types.ts';

/** The extension of a shared plan that holds its last review, so that everybody who sees the plan sees whether it is out of date. */
export const planReviewUrl = `${canonicalBase}/StructureDefinition/plan-review`;

/** What was said at the last review. Dates are FHIR dates of one day. */
export interface PlanReview {
  held: string;
  /** What those present agreed on; without it the house's own interval counts. */
  next?: string;
  /** Who agreed, of those whom the reader may know. */
  agreed: r4.Reference[];
  /** The day the family was given its copy. */
  copyGiven?: string;
  copyTo: r4.Reference[];
}

/** When a plan was last agreed on and when it is due again. */
export interface ReviewState {
  last?: string;
  due?: string;
  /** Today is after `due`; absent when it was not asked for a day. */
  overdue?: boolean;
  /** Names of those who agreed. */
  agreed: string[];
  copyGiven?: string;
  /** What is still missing for the plan to be complete, in words; absent when the reader sees too little to judge it. */
  missing?: string[];
}

export function reviewOf(plan: Pick<r4.CarePlan, 'extension'>): PlanReview | undefined {
  const parts = plan.extension?.find(({ url }) => url === planReviewUrl)?.extension;
  const held = parts?.find(({ url }) => url === 'held')?.valueDate;
  if (parts === undefined || held === undefined) return undefined;
  const references = (name: string) =>
    parts.flatMap(({ url, valueReference }) => (url === name && valueReference ? [valueReference] : []));
  const review: PlanReview = { held, agreed: references('agreed'), copyTo: references('copy-to') };
  const next = parts.find(({ url }) => url === 'next')?.valueDate;
  if (next !== undefined) review.next = next;
  const copyGiven = parts.find(({ url }) => url === 'copy-given')?.valueDate;
  if (copyGiven !== undefined) review.copyGiven = copyGiven;
  return review;
}

/** The extension for a review; the reverse of `reviewOf`. */
export function reviewExtension({ held, next, agreed, copyGiven, copyTo }: PlanReview): r4.Extension {
  return {
    url: planReviewUrl,
    extension: [
      { url: 'held', valueDate: held },
      ...(next === undefined ? [] : [{ url: 'next', valueDate: next }]),
      ...agreed.map((valueReference) => ({ url: 'agreed', valueReference })),
      ...(copyGiven === undefined ? [] : [{ url: 'copy-given', valueDate: copyGiven }]),
      ...copyTo.map((valueReference) => ({ url: 'copy-to', valueReference })),
    ],
  };
}

/**
 * When the plan was last agreed on (reviewed, else begun) and the last day on which it still counts as current: the day agreed at the review, else six
 * months later, three for a child who had no first birthday yet (limits.care). The same on every day, so that a printed plan can say it.
 */
export function reviewDue(plan: r4.CarePlan, birthDate: string | undefined): Pick<ReviewState, 'last' | 'due'> {
  const review = reviewOf(plan);
  const begun = dayOf(plan.period?.start) ?? dayOf(plan.created);
  // A plan that began after the review was agreed on anew.
  const held = begun !== undefined && begun > (dayOf(review?.held) ?? '') ? undefined : dayOf(review?.held);
  const last = held ?? begun;
  if (last === undefined) return {};
  const { reviewMonths, infantReviewMonths } = limits.care;
  const birthday = dayOf(birthDate);
  const isInfant = birthday !== undefined && last < addMonths(birthday, 12);
  const agreed = held === undefined ? undefined : dayOf(review?.next);
  return { last, due: agreed ?? addMonths(last, isInfant ? infantReviewMonths : reviewMonths) };
}

/** True from the day after `due`. Both are FHIR dates. */
export function isOverdue(due: string | undefined, today: string): boolean {
  return due !== undefined && today.slice(0, 10) > due;
}

/** The same day so many months later, the last of the month where it has no such day. */
export function addMonths(day: string, months: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const last = new Date(Date.UTC(year, month + months, 0));
  return new Date(Date.UTC(last.getUTCFullYear(), last.getUTCMonth(), Math.min(date, last.getUTCDate())))
    .toISOString()
    .slice(0, 10);
}

/** The day of a date or an instant; undefined for less than a day. */
function dayOf(text: string | undefined): string | undefined {
  return /^\d{4}-\d\d-\d\d/.exec(text ?? '')?.[0];
}
