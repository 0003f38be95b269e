import { poissonLimits } from './poisson.ts';

export type RateUnit = 'per 1,000 member-months' | 'per 1,000 member-years';

/** Events over the time that children were members. A number without `unit` is never shown: the two differ by a factor of 12. */
export interface UtilizationRate {
  events: number;
  memberMonths: number;
  unit: RateUnit;
  rate: number;
  low: number;
  high: number;
}

const monthsIn: Record<RateUnit, number> = { 'per 1,000 member-months': 1, 'per 1,000 member-years': 12 };

/** With exact Poisson limits; undefined when nobody was a member. */
export function utilizationRate(events: number, memberMonths: number, unit: RateUnit): UtilizationRate | undefined {
  if (!(memberMonths > 0)) return undefined;
  const factor = (1000 * monthsIn[unit]) / memberMonths;
  const { low, high } = poissonLimits(events);
  return { events, memberMonths, unit, rate: events * factor, low: low * factor, high: high * factor };
}
