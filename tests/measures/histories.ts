import fc from 'fast-check';
import type { Resource } from '../../src/fhir/types.ts';

/** What the recounts share: days as numbers, birthdays, and histories that come from several sources in any order. */

const dayMs = 24 * 3600 * 1000;

export const dayNumber = (date: string) => Date.parse(`${date}T00:00:00Z`) / dayMs;

export const isoDay = (day: number) => new Date(day * dayMs).toISOString().slice(0, 10);

/** The same day so many years later; 29 February becomes 28 February where there is none. */
export function birthday(birth: string, years: number): number {
  const [year = 0, month = 0, day = 0] = birth.split('-').map(Number);
  const date = new Date(Date.UTC(year + years, month - 1, day));
  if (date.getUTCMonth() !== month - 1) date.setUTCDate(0);
  return date.getTime() / dayMs;
}

/**
 * The same history as several sources tell it: each record up to three times under other ids, the later ones with a time of the same day,
 * and all of it in another order. No answer may change.
 */
export function retold<T extends Resource>(records: readonly T[], at: (record: T, time: string) => T) {
  return fc
    .tuple(
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: records.length, maxLength: records.length }),
      fc.array(fc.nat(), { minLength: records.length * 3, maxLength: records.length * 3 }),
    )
    .map(([times, order]) => {
      const copies = records.flatMap((record, n) =>
        Array.from({ length: times[n] ?? 1 }, (_, copy) => {
          const same = { ...record, id: `${record.id}-${copy}` };
          return copy === 0 ? same : at(same, copy === 1 ? 'T00:10:00-08:00' : 'T23:50:00+05:30');
        }),
      );
      return copies
        .map((record, n) => ({ record, place: order[n] ?? 0 }))
        .sort((a, b) => a.place - b.place)
        .map(({ record }) => record);
    });
}
