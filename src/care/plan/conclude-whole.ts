import { ok } from '../../base/errors.ts';
import { isMirror } from '../../fhir/mirror.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { isSharedPlan, planCategory } from '../../fhir/shared-plan.ts';
import type { Change, WriteConclusion } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { childOf } from '../child.ts';
import { localId } from '../local-id.ts';
import { componentsInForce } from './component-plans.ts';

const rule = 'parts-before-whole';
const ended: ReadonlySet<string> = new Set(['completed', 'revoked', 'entered-in-error']);

/**
 * A shared plan does not end, and is not deleted, over parts that are in force: an emergency plan would go on without anybody who looks after it. Asked at the end of the
 * transaction, so that the parts may end, or become parts of the plan that follows, together with it.
 */
export const concludeWhole: WriteConclusion = {
  name: rule,
  async conclude(changes, tx) {
    const last = new Map(changes.filter(({ type }) => type === 'CarePlan').map((change) => [change.id, change]));
    for (const change of last.values()) {
      const child = endedFor(change);
      if (child === undefined) continue;
      const found = await componentsInForce(tx, child);
      if (!found.ok) return found;
      const parts = found.value.filter(({ partOf }) =>
        partOf?.some((whole) => localId(whole, 'CarePlan') === change.id),
      );
      if (parts.length === 0) continue;
      const kinds = [...new Set(parts.map(planCategory))].sort().join(', ');
      const text = `Parts of this plan are in force (${kinds}). End them, or make them parts of the plan that follows, in the same transaction.`;
      return refuse(rule, text, 'CarePlan.status');
    }
    return ok(undefined);
  },
};

/** The child whose shared plan of ours this ends. */
function endedFor({ before, after }: Change): string | undefined {
  const plan = after ?? before;
  if (!isOfType(plan, 'CarePlan') || !isSharedPlan(plan) || isMirror(plan)) return undefined;
  if (after !== undefined && !ended.has(plan.status)) return undefined;
  const was = isOfType(before, 'CarePlan') ? before.status : undefined;
  return was !== undefined && (after === undefined || !ended.has(was)) ? childOf(plan) : undefined;
}
