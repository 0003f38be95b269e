import type { r4 } from './types.ts';

/** Base of every canonical URL we define. */
export const canonicalBase = 'http://careweave.org/fhir';
/** Our own plan categories (decision D3): which kind of plan a CarePlan is. */
export const planCategorySystem = `${canonicalBase}/CodeSystem/careplan-category`;
export const sharedPlanCode = 'shared-plan-of-care';

/** The code of our category system that a plan carries, e.g. `shared-plan-of-care` or `emergency`. */
export function planCategory(plan: Pick<r4.CarePlan, 'category'>): string | undefined {
  for (const concept of plan.category ?? []) {
    const coding = concept.coding?.find(({ system }) => system === planCategorySystem);
    if (coding) return coding.code;
  }
  return undefined;
}

export function isSharedPlan(plan: Pick<r4.CarePlan, 'category'>): boolean {
  return planCategory(plan) === sharedPlanCode;
}
