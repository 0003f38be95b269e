import { ok, type Result } from '../../base/errors.ts';
import { dayOf } from '../currency/day.ts';
import { extensionText } from '../definition/extension.ts';
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
export async function dueDates(
  { room: { clock, zone } }: Asked,
  { resource, groups, questions }: ReadyMeasure,
  { read }: SeenChild,
  period: Period,
): Promise<Result<DueDates>> {
  const now = clock.now();
  const byGroup = new Map<string, string>();
  const due = { today: dayOf(now, zone), byGroup };
  const named = (resource.group ?? []).flatMap((group, place) => {
    const definition = extensionText(group, 'date-of-compliance');
    return definition === undefined ? [] : [{ group: groups[place]?.id ?? '', definition }];
  });
  if (named.length === 0 || !questions) return ok(due);
  const names = named.map(({ definition }) => definition);
  const days = await questions.lastDays(read, { period, now, zone }, names);
  if (!days.ok) return days;
  for (const [place, { group }] of named.entries()) {
    const day = days.value[place];
    if (day !== undefined) byGroup.set(group, day);
  }
  return ok(due);
}
