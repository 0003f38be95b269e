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
  /** `screened` and `positive` ask of children, the others of needs. */
  unit: 'children' | 'needs';
  count: number;
  of: number;
  /** To four decimals; undefined of nobody. */
  rate?: number;
  /**
   * Children of whom every need has come at least so far, out of those of the stage before. A child of whom one need is resolved and another one is not
   * has not come to `resolved`.
   */
  children: number;
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
 * The six rates, each out of the stage before: children screened of all, children with a need of those screened, and of the needs found those that
 * were referred, accepted, served, resolved, as the measure social-needs-followed counts them. Pure.
 */
export function ratesOf(children: readonly ChildSoFar[]): Rate[] {
  const needs = children.flatMap(({ reached }) => reached);
  const asked = children.filter(({ isScreened }) => isScreened);
  const withNeed = asked.filter(({ reached }) => reached.length > 0);
  const rank = (stage: Stage) => stages.indexOf(stage);
  const needsAt = (stage: Stage) => needs.filter((one) => rank(one) >= rank(stage)).length;
  const childrenAt = (stage: Stage) =>
    withNeed.filter(({ reached }) => reached.every((one) => rank(one) >= rank(stage)));
  const first: Rate[] = [
    rateOf('screened', 'children', asked.length, children.length, asked.length),
    rateOf('positive', 'children', withNeed.length, asked.length, withNeed.length),
  ];
  const rest = stages.slice(1).map((stage, at): Rate => {
    const before = stages[at] ?? 'positive';
    return rateOf(stage, 'needs', needsAt(stage), needsAt(before), childrenAt(stage).length);
  });
  return [...first, ...rest];
}

function rateOf(stage: CascadeStage, unit: Rate['unit'], count: number, of: number, children: number): Rate {
  return { stage, unit, count, of, children, ...(of > 0 && { rate: Math.round((count / of) * 10_000) / 10_000 }) };
}
