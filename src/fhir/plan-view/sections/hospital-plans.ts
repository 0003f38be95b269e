import type { PlanSection } from '../section-types.ts';
import { type Chart, section } from './chart.ts';

/** Plans of hospitals and practices as they sent them; they stay theirs (decision D1). */
export function hospitalPlans(chart: Chart): PlanSection | undefined {
  const lines = chart.hospitalPlans.map((plan) => ({
    references: [plan.reference],
    words: plan.title,
    facts: [plan.status, ...(plan.period === undefined ? [] : [plan.period])],
    said: plan.said === undefined ? [] : [plan.said],
    open: plan.open,
  }));
  return section('hospital-plans', 'Plans of hospitals and practices', lines);
}
