import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { isSharedPlan, planCategory } from '../../fhir/shared-plan.ts';
import type { Tx, WriteConclusion } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { childOf } from '../child.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import { concludeWritten } from '../written-here.ts';
import { lockPlan } from './active-plan.ts';
import {
  componentKinds,
  componentsInForce,
  isComponent,
  isInForce,
  kindsOf,
  type Plan,
  singleKinds,
} from './component-plans.ts';
import { writeWithOrigin } from './provenance.ts';
import { referenceTo } from './references.ts';

const rule = 'component-plan-kind';

/**
 * A component plan is of one kind, stays of it, and in force it is part of the child's shared plan (decisions D1 and D3). Of the kinds of which a child has one,
 * a second is refused, unless it says by `replaces` that it takes the place of the first: then that one is ended with it.
 */
export function concludeComponentKind(clock: Clock): WriteConclusion {
  return concludeWritten(rule, 'CarePlan', async (after, before, tx) => {
    if (!isOfType(after, 'CarePlan')) return ok(undefined);
    const kinds = kindsOf(after);
    if (new Set(kinds).size > 1)
      return refuse(
        rule,
        'A plan is of one kind: split what has other readers or another course.',
        'CarePlan.category',
      );
    if (!isComponent(after)) return ok(undefined);
    const kind = planCategory(after) ?? '';
    if (!componentKinds.has(kind))
      return refuse(rule, `The kind of a plan is one of ${[...componentKinds].join(', ')}.`, 'CarePlan.category');
    if (isOfType(before, 'CarePlan') && isComponent(before) && planCategory(before) !== kind)
      return refuse(rule, 'A component plan stays of its kind: end it, and begin another.', 'CarePlan.category');
    if (!isInForce(after) || isUnchanged(before, after)) return ok(undefined);
    const placed = await isPartOfShared(after, tx);
    if (!placed)
      return refuse(
        rule,
        'A component plan in force is part of the child’s shared plan of care that is in force.',
        'CarePlan.partOf',
      );
    return singleKinds.has(kind) && after.status === 'active' ? onlyOne(after, kind, tx, clock) : ok(undefined);
  });
}

/** What decides where it belongs was decided before. */
function isUnchanged(before: unknown, after: Plan): boolean {
  const was = before as Plan | undefined;
  return (
    was?.status === after.status &&
    JSON.stringify(was.partOf) === JSON.stringify(after.partOf) &&
    planCategory(was) === planCategory(after)
  );
}

async function isPartOfShared(plan: Plan, tx: Tx): Promise<boolean> {
  for (const whole of plan.partOf ?? []) {
    const id = localId(whole, 'CarePlan');
    const found = id === undefined ? undefined : currentOf(await tx.read('CarePlan', id));
    const isOpen = isOfType(found, 'CarePlan') && (isInForce(found) || found.status === 'draft');
    if (isOpen && isSharedPlan(found) && childOf(found) === childOf(plan)) return true;
  }
  return false;
}

async function onlyOne(plan: Plan, kind: string, tx: Tx, clock: Clock): Promise<Result<void>> {
  const child = childOf(plan) ?? '';
  await lockPlan(tx, child);
  const found = await componentsInForce(tx, child);
  if (!found.ok) return found;
  const others = found.value.filter(
    (one) => one.id !== plan.id && one.status === 'active' && planCategory(one) === kind,
  );
  const replaced = new Set((plan.replaces ?? []).map((one) => localId(one, 'CarePlan')));
  if (others.some(({ id }) => !replaced.has(id))) {
    const text = `This child has an active ${kind} plan already. Change that one, or name it in replaces to end it with this write.`;
    return refuse('one-active-component', text, 'CarePlan.replaces');
  }
  const onBehalfOf = tx.actor.kind === 'user' ? tx.actor.id : undefined;
  const origin = { sources: [referenceTo(plan)], ...(onBehalfOf !== undefined && { onBehalfOf }) };
  for (const other of others) {
    const ended = await writeWithOrigin(tx, { ...other, status: 'completed' }, origin, clock);
    if (!ended.ok) return ended;
  }
  return ok(undefined);
}
