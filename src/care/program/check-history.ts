import { ok, type Result } from '../../base/errors.ts';
import { stringifyJson } from '../../fhir/json.ts';
import type { r4 } from '../../fhir/types.ts';
import { refuse } from '../business-rule.ts';
import { dayOf, type Enrollment, formerManagers, isRunning } from './enrollment.ts';

const rule = 'enrollment-history';
const dayMs = 24 * 3_600_000;

/**
 * An enrollment tells in its own words what it has been: statuses before (statusHistory) and care managers before (extension
 * former-care-manager), each with first and last day, never rewritten. A new status or manager comes with the entry of the one before.
 */
export function checkEnrollmentHistory(is: Enrollment, was: Enrollment | undefined, now: Date): Result<void> {
  const statuses = checkStatuses(is, was, now);
  return statuses.ok ? checkManagers(is, was) : statuses;
}

function checkStatuses(
  { episode, status, enrolledFrom, endedOn }: Enrollment,
  was: Enrollment | undefined,
  now: Date,
): Result<void> {
  const history = episode.statusHistory ?? [];
  const before = was?.episode.statusHistory ?? [];
  if (was !== undefined) {
    const wanted = was.status === status ? before.length : before.length + 1;
    if (history.length !== wanted || !before.every((one, index) => isSame(one, history[index]))) {
      const text =
        was.status === status
          ? 'The status history of an enrollment is kept as it is.'
          : `When an enrollment moves on from ${was.status}, statusHistory keeps its entries and gets one more, at the end: ${was.status}, with the first and last day.`;
      return refuse(rule, text, 'EpisodeOfCare.statusHistory');
    }
    if (was.status !== status && history.at(-1)?.status !== was.status) {
      return refuse(rule, `The last entry of statusHistory is ${was.status}.`, 'EpisodeOfCare.statusHistory');
    }
  }
  const tomorrow = new Date(now.getTime() + dayMs).toISOString().slice(0, 10);
  if (!isContiguous(history) || (dayOf(history.at(-1)?.period.end) ?? '') > tomorrow) {
    const text =
      'Each entry of statusHistory has a first and a last day, begins where the one before ended, and none ends later than today.';
    return refuse(rule, text, 'EpisodeOfCare.statusHistory');
  }
  const first = history.findIndex((one) => one.status === 'active');
  const became = first < 0 ? dayOf(history.at(-1)?.period.end) : dayOf(history[first]?.period.start);
  const hasServed = first >= 0 || status === 'active';
  if (hasServed && became !== undefined && became !== enrolledFrom) {
    return refuse(rule, 'period.start is the day on which the enrollment became active.', 'EpisodeOfCare.period');
  }
  if (status === 'finished' && history.length > 0 && dayOf(history.at(-1)?.period.end) !== endedOn) {
    return refuse(rule, 'period.end is the day on which the enrollment was finished.', 'EpisodeOfCare.period');
  }
  return ok(undefined);
}

function isContiguous(history: readonly r4.EpisodeOfCareStatusHistory[]): boolean {
  return history.every(({ period }, index) => {
    const [start, end] = [dayOf(period.start), dayOf(period.end)];
    if (start === undefined || end === undefined || start > end) return false;
    return index === 0 || dayOf(history[index - 1]?.period.end) === start;
  });
}

function checkManagers(is: Enrollment, was: Enrollment | undefined): Result<void> {
  const list = formerManagers(is.episode);
  const before = was === undefined ? [] : formerManagers(was.episode);
  // Before anybody works with the child, whom it is meant for is a plan, not history.
  const isChanged = was !== undefined && isRunning(was) && was.manager !== is.manager;
  const wanted = was === undefined ? list.length : before.length + (isChanged ? 1 : 0);
  const isKept = before.every((one, index) => isSame(one, list[index]));
  const isNamed = !isChanged || list.at(-1)?.manager === was?.manager;
  if (list.length === wanted && isKept && isNamed) return ok(undefined);
  const text =
    'Who was care manager is kept: a new careManager comes with one more extension former-care-manager, with the manager before and the period.';
  return refuse(rule, text, 'EpisodeOfCare.extension');
}

function isSame(a: unknown, b: unknown): boolean {
  return stringifyJson(a ?? null) === stringifyJson(b ?? null);
}
