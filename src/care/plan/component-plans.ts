import { ok, type Result } from '../../base/errors.ts';
import { isMirror } from '../../fhir/mirror.ts';
import { ofType, type Typed } from '../../fhir/of-type.ts';
import { isRestricted } from '../../fhir/plan-view/restricted.ts';
import { planCategory, planCategorySystem, sharedPlanCode } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Reader } from '../../store/types.ts';
import { resourcesOfChild } from '../of-child.ts';

export type Plan = Resource & Typed<'CarePlan'>;

/** The kinds of component plans (decision D3). */
export const componentKinds: ReadonlySet<string> = new Set([
  ...['emergency', 'access', 'transition', 'scamp', 'social', 'crisis', 'school', 'home-care', 'condition-module'],
]);

/** Kinds of which a child has one in force; emergency and access plans have a rule of their own (care/emergency). */
export const singleKinds: ReadonlySet<string> = new Set(['transition', 'crisis', 'school']);

/** All codes of our plan categories that a plan carries. */
export function kindsOf({ category }: Pick<r4.CarePlan, 'category'>): string[] {
  const codings = (category ?? []).flatMap(({ coding }) => coding ?? []);
  return codings.flatMap(({ system, code }) => (system === planCategorySystem && code !== undefined ? [code] : []));
}

export function isComponent(plan: r4.CarePlan): boolean {
  const kind = planCategory(plan);
  return kind !== undefined && kind !== sharedPlanCode;
}

/**
 * The child's component plans in force that are kept here. Those that are labelled as restricted are left out: nobody is to learn of one by being
 * refused something.
 */
export async function componentsInForce(reader: Reader, child: string): Promise<Result<Plan[]>> {
  const found = await resourcesOfChild(reader, child, ['CarePlan']);
  if (!found.ok) return found;
  const plans = ofType(found.value, 'CarePlan');
  return ok(plans.filter((plan) => isComponent(plan) && isInForce(plan) && !isMirror(plan) && !isRestricted(plan)));
}

export function isInForce({ status }: Pick<r4.CarePlan, 'status'>): boolean {
  return status === 'active' || status === 'on-hold';
}
