import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { SearchParam, SearchQuery } from '../../fhir/search/query.ts';
import type { r4 } from '../../fhir/types.ts';
import { seesAll, type Tx } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { childOf } from '../child.ts';
import { localId } from '../local-id.ts';
import { currentOf, resourceOf } from '../stored.ts';
import { concludeWritten } from '../written-here.ts';

const rule = 'component-plan-same-child';

/**
 * A component plan (emergency, school, …) is part of a plan of the same child, never of another child's (decision D1). A plan of another child
 * and one that is not here are refused alike, so that nobody learns which plans other children have (PP-51); whole and part may
 * come together, in any order. The whole does not go to another child while it has parts.
 */
export const concludeComponentPlan = concludeWritten(rule, 'CarePlan', async (after, before, tx) => {
  if (!isOfType(after, 'CarePlan')) return ok(undefined);
  const child = childOf(after);
  const isSameChild = before !== undefined && childOf(before) === child;
  const known = isSameChild && isOfType(before, 'CarePlan') ? wholesOf(before) : [];
  for (const id of wholesOf(after).filter((whole) => !known.includes(whole))) {
    const whole = currentOf(await tx.read('CarePlan', id));
    if (whole === undefined || childOf(whole) !== child) return refused();
  }
  if (before === undefined || isSameChild) return ok(undefined);
  const parts = await partsOf(after, tx);
  if (!parts.ok) return parts;
  return parts.value.some((part) => part !== child) ? refused() : ok(undefined);
});

function refused() {
  return refuse(rule, 'A plan is part of a plan of the same child that is kept here.', 'CarePlan.partOf');
}

function wholesOf(plan: r4.CarePlan): string[] {
  return (plan.partOf ?? []).flatMap((reference) => localId(reference, 'CarePlan') ?? []);
}

type Child = string | undefined;

async function partsOf({ id }: r4.CarePlan, tx: Tx): Promise<Result<Child[]>> {
  // Nothing can be part of a plan that has no id yet.
  if (id === undefined) return ok([]);
  const partOf: SearchParam = { code: 'part-of', kind: 'reference', expression: 'CarePlan.partOf' };
  const query: SearchQuery = {
    type: 'CarePlan',
    filters: [{ kind: 'filter', param: partOf, values: [{ kind: 'reference', type: 'CarePlan', id }] }],
    includes: [],
    revincludes: [],
    sort: [],
    count: 20,
    total: 'none',
  };
  const found = await tx.search(query, seesAll);
  return found.ok ? ok(found.value.matches.map((part) => childOf(resourceOf(part)))) : found;
}
