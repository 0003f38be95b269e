import type { Period } from '../types.ts';

/** The calendar year of a day: the period for which current answers are kept. */
export function yearOfDay(day: string): Period {
  const year = day.slice(0, 4);
  return { start: `${year}-01-01`, end: `${year}-12-31` };
}
