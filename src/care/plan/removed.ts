import { ok } from '../../base/errors.ts';
import { isMirror } from '../../fhir/mirror.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { isSharedPlan } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Sql, WriteEffect } from '../../store/types.ts';
import { isCare } from './care-actor.ts';
import { referenceKey } from './references.ts';

/**
 * The lists of a plan that composing fills and people may thin out. Not `supportingInfo`: what an EHR sent is always pointed to.
 */
const elements = ['addresses', 'goal', 'activity'] as const;
export type RemovableElement = (typeof elements)[number];

/** Reference keys that people took out, by element. */
export type Removed = Readonly<Record<RemovableElement, ReadonlySet<string>>>;

export const nothingRemoved: Removed = { addresses: new Set(), goal: new Set(), activity: new Set() };

/** Remembers what a person takes out of the shared plan, and forgets it when somebody puts it back. */
export const rememberRemovals: WriteEffect = {
  name: 'remember-removals',
  types: ['CarePlan'],
  apply: async ({ id, before, after }, tx) => {
    if (isCare(tx.actor)) return ok(undefined);
    const was = listsOf(before);
    const is = listsOf(after);
    if (!was || !is) return ok(undefined);
    for (const element of elements) {
      const gone = [...was[element]].filter((key) => !is[element].has(key));
      const back = [...is[element]].filter((key) => !was[element].has(key));
      if (gone.length > 0) {
        await tx.query(
          `INSERT INTO shared_plan_removed (plan_id, element, reference) SELECT $1, $2, unnest($3::text[])
           ON CONFLICT DO NOTHING`,
          [id, element, gone],
        );
      }
      if (back.length > 0) {
        await tx.query('DELETE FROM shared_plan_removed WHERE plan_id = $1 AND element = $2 AND reference = ANY ($3)', [
          id,
          element,
          back,
        ]);
      }
    }
    return ok(undefined);
  },
};

/** Remembers it of what a decision takes out that the plan does not list yet. */
export async function rememberRemoved(
  sql: Sql,
  planId: string,
  element: RemovableElement,
  references: readonly string[],
): Promise<void> {
  await sql.query(
    `INSERT INTO shared_plan_removed (plan_id, element, reference) SELECT $1, $2, unnest($3::text[])
     ON CONFLICT DO NOTHING`,
    [planId, element, references],
  );
}

export async function readRemoved(sql: Sql, planId: string): Promise<Removed> {
  const rows = await sql.query<{ element: RemovableElement; reference: string }>(
    'SELECT element, reference FROM shared_plan_removed WHERE plan_id = $1',
    [planId],
  );
  const of = (element: RemovableElement) =>
    new Set(rows.filter((row) => row.element === element).map(({ reference }) => reference));
  return { addresses: of('addresses'), goal: of('goal'), activity: of('activity') };
}

function listsOf(plan: Resource | undefined): Removed | undefined {
  if (!isOfType(plan, 'CarePlan') || !isSharedPlan(plan) || isMirror(plan)) return undefined;
  const keys = (list: readonly (r4.Reference | undefined)[] | undefined) =>
    new Set((list ?? []).map((one) => one && referenceKey(one)).filter((key) => key !== undefined));
  const activity = plan.activity?.map(({ reference }) => reference);
  return { addresses: keys(plan.addresses), goal: keys(plan.goal), activity: keys(activity) };
}
