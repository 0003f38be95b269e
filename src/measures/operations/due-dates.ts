import { ok, type Result } from '../../base/errors.ts';
import { dayOf } from '../currency/day.ts';
import { extensionText } from '../definition/extension.ts';
import type { Evaluation } from '../engine/contract.ts';
import { createSlice } from '../engine/slice.ts';
import { CqlDate } from '../engine/values/date.ts';
import { CqlDateTime } from '../engine/values/date-time.ts';
import { Interval } from '../engine/values/interval.ts';
import type { Value } from '../engine/values/types.ts';
import type { Period, ReadyMeasure } from '../types.ts';
import type { Asked } from './room.ts';
import type { SeenChild } from './sight.ts';

/** The days by which a child's gaps have to be closed, where the measure tells any. */
export interface DueDates {
  /** In the reporter's zone. */
  today: string;
  /** By group id, `YYYY-MM-DD`. */
  byGroup: ReadonlyMap<string, string>;
}

/** A group names the definition by an extension `measure-date-of-compliance`; it holds a date, a time, or a period that ends on it. */
export function dueDates(
  { room: { clock, zone } }: Asked,
  measure: ReadyMeasure,
  { read }: SeenChild,
  period: Period,
): Result<DueDates> {
  const now = clock.now();
  const byGroup = new Map<string, string>();
  const named = (measure.resource.group ?? []).map((group) => extensionText(group, 'date-of-compliance'));
  if (named.some((definition) => definition !== undefined)) {
    const evaluation = measure.logic?.over(createSlice(read), { period, now, zone });
    for (const [place, { id }] of measure.groups.entries()) {
      const due = dueOf(evaluation, named[place]);
      if (!due.ok) return due;
      if (due.value !== undefined) byGroup.set(id, due.value);
    }
  }
  return ok({ today: dayOf(now, zone), byGroup });
}

function dueOf(evaluation: Evaluation | undefined, definition: string | undefined): Result<string | undefined> {
  if (!evaluation || definition === undefined) return ok(undefined);
  const value = evaluation.value(definition);
  return value.ok ? ok(lastDay(value.value)) : value;
}

function lastDay(value: Value): string | undefined {
  if (value instanceof Interval) return lastDay(value.end);
  if (value instanceof CqlDate || value instanceof CqlDateTime) {
    return /^\d{4}-\d{2}-\d{2}/.exec(String(value))?.[0];
  }
  return undefined;
}
