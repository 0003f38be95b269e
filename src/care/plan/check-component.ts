import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { SearchParam, SearchQuery } from '../../fhir/search/query.ts';
import type { r4 } from '../../fhir/types.ts';
import { seesAll, type Tx } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { childOf } from '../child.ts';
import { localId } from '../local-id.ts';
import { currentOf, resourceOf } from '../stored.ts';
import { checkWritten } from '../written-here.ts';

const rule = 'component-plan-same-child';

/**
 * A component plan (emergency, school, …) is part of a plan of the same child, never of another child's (decision D1). Looked at
 * from both ends, because the whole may be written after its parts.
 */
export const checkComponentPlan = checkWritten(
  rule,
  'CarePlan',
  async (after, before, tx, { isNew }): Promise<Result<void>> => {
    if (!isOfType(after, 'CarePlan')) return ok(undefined);
    const child = childOf(after);
    if ((await wholesOf(after, tx)).some((whole) => whole !== child)) return refused();
    if (before !== undefined && childOf(before) === child) return ok(undefined);
    const parts = isNew ? ok(newPartsOf(after, tx)) : await partsOf(after, tx);
    if (!parts.ok) return parts;
    return parts.value.some((part) => part !== child) ? refused() : ok(undefined);
  },
);

function refused() {
  return refuse(rule, 'A plan is part of a plan of the same child only.', 'CarePlan.partOf');
}

type Child = string | undefined;

async function wholesOf(plan: r4.CarePlan, tx: Tx): Promise<Child[]> {
  const children: Child[] = [];
  for (const reference of plan.partOf ?? []) {
    const id = localId(reference, 'CarePlan');
    const whole = id === undefined ? undefined : currentOf(await tx.read('CarePlan', id));
    if (whole !== undefined) children.push(childOf(whole));
  }
  return children;
}

/** What this transaction has made a part of a plan that nobody else knows of. */
function newPartsOf({ id }: r4.CarePlan, tx: Tx): Child[] {
  const plans = new Map(tx.changes.map(({ type, id: part, after }) => [`${type}/${part}`, after]));
  return [...plans.values()].flatMap((part) =>
    isOfType(part, 'CarePlan') && part.partOf?.some((whole) => localId(whole, 'CarePlan') === id)
      ? [childOf(part)]
      : [],
  );
}

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
