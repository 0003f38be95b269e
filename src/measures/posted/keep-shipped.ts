import { fail, ok } from '../../base/errors.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Actor, Sql, WriteCheck, WriteEffect } from '../../store/types.ts';

/** Ids of what this house publishes at every start. */
export interface ShippedIds {
  Measure: ReadonlySet<string>;
  Library: ReadonlySet<string>;
  ValueSet: ReadonlySet<string>;
}

const isPublishing = ({ kind, id }: Actor) => kind === 'system' && id === 'conformance';

/** Our own measures are what the next start publishes again: a change to them would not last. */
export function keepShipped(shipped: ShippedIds): WriteCheck {
  return {
    name: 'measures.shipped',
    types: ['Measure', 'Library'],
    async check({ type, id, after }, { actor }) {
      const ours = type === 'Measure' ? shipped.Measure : shipped.Library;
      // Who asks by a url is told of its newest version, so a version of somebody else's would take the place of ours.
      const isNamedLikeOurs = after !== undefined && ours.has(nameIn(after.url, type));
      if (isPublishing(actor) || (!ours.has(id) && !isNamedLikeOurs)) return ok(undefined);
      const text = `This ${type} comes with Careweave. Post your own with another id and url, or replace the value sets that it uses.`;
      return fail('unprocessable', text, { code: 'business-rule', expression: [type] });
    },
  };
}

/**
 * What a measure is decides everybody's numbers, and its logic reads every child: it is brought by a system's client, which an administrator has
 * registered for that, and not from a person's app. The same for the code lists of ours.
 */
export function broughtBySystems(shipped: ShippedIds): WriteCheck {
  return {
    name: 'measures.brought-by-systems',
    types: ['Measure', 'Library', 'ValueSet'],
    async check({ type, id, before, after }, { actor }) {
      if (actor.kind !== 'user') return ok(undefined);
      const isOurList = [before, after].some((set) => shipped.ValueSet.has(nameIn(set?.url, 'ValueSet')));
      if (type === 'ValueSet' && !shipped.ValueSet.has(id) && !isOurList) return ok(undefined);
      const text =
        'Measures, and the code lists that come with Careweave, are changed by a client of a system, not in the name of a person.';
      return fail('forbidden', text);
    },
  };
}

/** Of a url of ours its last part, which is the id; else nothing. */
function nameIn(url: unknown, type: string): string {
  const start = `${canonicalBase}/${type}/`;
  return typeof url === 'string' && url.startsWith(start) ? url.slice(start.length) : '';
}

/** A value set of ours that a user changes stays changed, also over the next start; one that is deleted comes back. */
export function rememberReplaced(shipped: ShippedIds): WriteEffect {
  return {
    name: 'measures.replaced',
    types: ['ValueSet'],
    async apply({ id, after }, tx) {
      if (!shipped.ValueSet.has(id) || isPublishing(tx.actor)) return ok(undefined);
      const text = after
        ? 'INSERT INTO measure_replaced (value_set_id) VALUES ($1) ON CONFLICT DO NOTHING'
        : 'DELETE FROM measure_replaced WHERE value_set_id = $1';
      tx.atEnd(text, [id]);
      return ok(undefined);
    },
  };
}

/** Ids of our value sets that users have replaced. */
export async function replacedIds(sql: Sql): Promise<ReadonlySet<string>> {
  const rows = await sql.query<{ value_set_id: string }>('SELECT value_set_id FROM measure_replaced');
  return new Set(rows.map(({ value_set_id }) => value_set_id));
}
