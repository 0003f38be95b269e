import type { GroupDefinition, Unit } from '../types.ts';

/** Codes of the gap status of Da Vinci DEQM. */
export type GapStatus = 'open-gap' | 'closed-gap' | 'prospective-gap' | 'not-applicable';

export const gapStatuses: readonly GapStatus[] = ['open-gap', 'closed-gap', 'prospective-gap', 'not-applicable'];

/**
 * Where a child stands in a group that counts children. Who is not in the initial population: not applicable. Who is not asked of (outside of the
 * denominator, excluded, excepted) has no gap. Otherwise the numerator, less its exclusions, is the good end where more is better, and the
 * bad one where less is. A gap is prospective while the day by which it has to be closed is still to come: `dueOn`, where the measure
 * tells one (`YYYY-MM-DD`, in the reporter's zone).
 */
export function gapStatus(
  group: GroupDefinition,
  unit: Pick<Unit, 'populations'> | undefined,
  { today, dueOn }: { today: string; dueOn?: string },
): GapStatus {
  const isIn = (code: string) =>
    group.populations.some((population) => population.code === code && unit?.populations.includes(population.id));
  if (!isIn('initial-population')) return 'not-applicable';
  if (!isIn('denominator') || isIn('denominator-exclusion') || isIn('denominator-exception')) return 'closed-gap';
  const isInNumerator = isIn('numerator') && !isIn('numerator-exclusion');
  if (isInNumerator === (group.improvement === 'increase')) return 'closed-gap';
  return dueOn !== undefined && dueOn > today ? 'prospective-gap' : 'open-gap';
}

/** Gaps are told of groups that count children and have a numerator to reach or to avoid. */
export function hasGaps({ basis, scoring }: GroupDefinition): boolean {
  return basis === 'boolean' && scoring === 'proportion';
}

export function isOpen(status: GapStatus): boolean {
  return status === 'open-gap' || status === 'prospective-gap';
}

/** Code of Da Vinci DEQM's care gap reasons: what was to be found is not there, or what was to be avoided is. */
export function reasonFor({ improvement }: GroupDefinition): 'NotFound' | 'Present' {
  return improvement === 'increase' ? 'NotFound' : 'Present';
}
