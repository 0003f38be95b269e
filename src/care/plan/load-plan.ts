import { fail, ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { isSharedPlan } from '../../fhir/shared-plan.ts';
import type { Resource } from '../../fhir/types.ts';
import { type Reader, seesAll } from '../../store/types.ts';
import { childOf } from '../child.ts';
import { currentOf } from '../stored.ts';
import { loadChart } from './load-chart.ts';

/** A shared plan with everything that `planView` needs to show it; nothing is hidden. Error `not-found` when it is no shared plan of ours. */
export async function loadPlan(reader: Reader, planId: string): Promise<Result<Resource[]>> {
  const plan = currentOf(await reader.read('CarePlan', planId));
  const child = childOf(plan);
  if (!isOfType(plan, 'CarePlan') || !isSharedPlan(plan) || child === undefined) {
    return fail('not-found', 'There is no such shared plan here.');
  }
  const chart = await loadChart(reader, child, seesAll);
  if (!chart.ok) return chart;
  // Read together with the rest; only a plan that changed between the two reads is there twice.
  const rest = chart.value.filter(({ resourceType, id }) => resourceType !== 'CarePlan' || id !== planId);
  return ok([plan, ...rest]);
}
