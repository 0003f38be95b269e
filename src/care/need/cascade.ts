import type { Resource } from '../../fhir/types.ts';
import { daysAnswered } from './screenings.ts';
import { type Need, needsOf, type Stage, stages } from './stages.ts';

/** How many needs of a child have come so far, each stage out of the one before (S2.15); `screened` counts days on which the family was asked. */
export type Cascade = Readonly<Record<'screened' | Stage, number>>;

/** The counts of one child over a stretch of days, both ends in it; without one: of all that is known by `today`. Pure. */
export function cascadeOf(
  records: readonly Resource[],
  today: string,
  { start = '', end = today }: { start?: string; end?: string } = {},
): Cascade {
  const last = end < today ? end : today;
  const isIn = (day: string | undefined) => day !== undefined && day >= start && day <= last;
  const needs = needsOf(records, last).filter(({ since }) => isIn(since));
  const screened = daysAnswered(records).filter(isIn).length;
  return { screened, ...countStages(needs) };
}

export function countStages(needs: readonly Pick<Need, 'stage'>[]): Readonly<Record<Stage, number>> {
  const reached = (stage: Stage) => needs.filter((need) => stages.indexOf(need.stage) >= stages.indexOf(stage)).length;
  return {
    positive: reached('positive'),
    referred: reached('referred'),
    accepted: reached('accepted'),
    served: reached('served'),
    resolved: reached('resolved'),
  };
}
