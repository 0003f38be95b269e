import type { Resource } from '../../fhir/types.ts';
import { cascadeOf } from './cascade.ts';
import { needsOf, type Stage, stages } from './stages.ts';

export const cascadeStages = ['screened', ...stages] as const;
export type CascadeStage = (typeof cascadeStages)[number];

/** One child within a stretch of days: screened or not, and how far each need that was found has come. */
export interface ChildSoFar {
  isScreened: boolean;
  reached: readonly Stage[];
}

/** One stage of the cascade, with what it is counted of. */
export interface Rate {
  stage: CascadeStage;
  /**
   * Children of whom every need has come at least so far, out of those of the stage before: a child of whom one need is resolved and another one is not
   * has not come to `resolved`.
   */
  count: number;
  of: number;
  /** To four decimals; undefined of nobody. */
  rate?: number;
  /** From `positive` on, needs: how many have come so far, and of how many that had come to the stage before. */
  needs?: { count: number; of: number; rate?: number };
}

export function childSoFar(
  records: readonly Resource[],
  today: string,
  { start, end }: { start: string; end: string },
): ChildSoFar {
  const last = end < today ? end : today;
  const isIn = (day: string | undefined) => day !== undefined && day >= start && day <= last;
  const { screened } = cascadeOf(records, today, { start, end });
  const reached = needsOf(records, last).flatMap(({ since, stage }) => (isIn(since) ? [stage] : []));
  return { isScreened: screened > 0, reached };
}

/**
 * The six rates, each out of the stage before: children screened of all, children with a need of those screened, and so on; never more than at the stage
 * before. Beside them the needs themselves, as the measure social-needs-followed counts them. Pure.
 */
export function ratesOf(children: readonly ChildSoFar[]): Rate[] {
  const needs = children.flatMap(({ reached }) => reached);
  const asked = children.filter(({ isScreened }) => isScreened);
  const isAt = (one: Stage, stage: Stage) => stages.indexOf(one) >= stages.indexOf(stage);
  const childrenAt = (stage: Stage) =>
    asked.filter(({ reached }) => reached.length > 0 && reached.every((one) => isAt(one, stage))).length;
  const needsAt = (stage: Stage) => needs.filter((one) => isAt(one, stage)).length;
  const rest = stages.map((stage, at): Rate => {
    const before = stages[at - 1];
    return {
      stage,
      ...shareOf(childrenAt(stage), before ? childrenAt(before) : asked.length),
      needs: shareOf(needsAt(stage), before ? needsAt(before) : needs.length),
    };
  });
  return [{ stage: 'screened', ...shareOf(asked.length, children.length) }, ...rest];
}

function shareOf(count: number, of: number): { count: number; of: number; rate?: number } {
  return { count, of, ...(of > 0 && { rate: Math.round((count / of) * 10_000) / 10_000 }) };
}
