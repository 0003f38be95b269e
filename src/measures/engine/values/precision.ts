/** How exactly a date or time is known: 1 for the year alone to 7 for milliseconds. */
export type Precision = 1 | 2 | 3 | 4 | 5 | 6 | 7;

export const precisions: Readonly<Record<string, Precision>> = {
  Year: 1,
  Month: 2,
  Day: 3,
  Hour: 4,
  Minute: 5,
  Second: 6,
  Millisecond: 7,
};

/** What durations are counted in: the precisions, and weeks. */
export type DurationUnit = Precision | 'week';

/** Milliseconds of an hour, a minute, a second and a millisecond, by precision. */
export function msOf(precision: number): number {
  if (precision === 3) return 86_400_000;
  return precision === 4 ? 3_600_000 : precision === 5 ? 60_000 : precision === 6 ? 1000 : 1;
}
