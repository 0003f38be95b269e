import { ok } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Sql, Tx, WriteEffect } from '../../store/types.ts';

/** Tells when Measures or their parts have changed, here or on another server. */
export interface Generation {
  /** A number that is another one than before when something was committed; undefined: not asked again so soon. */
  look(sql: Sql, options?: { now?: boolean }): Promise<string | undefined>;
  /** True within a transaction that changes some itself: what it sees, others do not see yet. */
  isChanging(sql: Sql): boolean;
  /** Notices changes. */
  effect: WriteEffect;
}

/**
 * What stays the same of a transaction when it is wrapped; asked for a number, it need not send before what it has written.
 */
function ownOf(sql: Sql | Tx): Sql {
  return 'own' in sql ? sql.own : sql;
}

export function createGeneration(): Generation {
  const changing = new WeakSet<object>();
  let lookedAt = Number.NEGATIVE_INFINITY;
  return {
    isChanging: (sql) => changing.has(ownOf(sql)),
    async look(sql, { now = false } = {}) {
      if (!now && performance.now() - lookedAt < limits.measures.lookMs) return undefined;
      lookedAt = performance.now();
      // What the concept tables hold is counted by the terminology.
      const [row] = await ownOf(sql).query<{ number: string }>(
        `SELECT (SELECT number FROM measure_generation) || '.' || (SELECT number FROM conformance_generation) AS number`,
      );
      return row?.number;
    },
    effect: {
      name: 'measures.generation',
      types: ['Measure', 'Library', 'ValueSet', 'CodeSystem'],
      async apply(_change, tx) {
        if (changing.has(ownOf(tx))) return ok(undefined);
        changing.add(ownOf(tx));
        tx.atEnd('UPDATE measure_generation SET number = number + 1', []);
        return ok(undefined);
      },
    },
  };
}
