import { ok } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Sql, Tx, WriteEffect } from '../../store/types.ts';

/** Knows when profiles or terminology have changed, here or in another process. */
export interface Generation {
  /** Calls `forget` when something has changed since the last look. Asks the database only when there may be news. */
  look(sql: Sql): Promise<void>;
  /** True when the transaction has changed something itself: what it sees, others do not see yet. */
  isChanging(sql: Sql): boolean;
  /** Says that the transaction changes terminology beside the resources (the concept tables). */
  change(tx: Tx): Promise<void>;
  /** Notices changes to the resources. */
  effect: WriteEffect;
}

/** What stays the same of a transaction when it is wrapped, as the audit trail does to hear of what is read. */
function transactionOf(sql: Sql | Tx): object {
  return 'own' in sql ? sql.own : sql;
}

/**
 * The number in `conformance_generation` counts changes. What another process changed is noticed `limits.terminology.lookMs` after its
 * commit at the latest; a change of this process by the first look after its commit, because every look asks until it has come.
 */
export function createGeneration(forget: () => void): Generation {
  const changing = new WeakSet<object>();
  let known: string | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let expected: { number: bigint; until: number } | undefined;

  async function change(tx: Tx): Promise<void> {
    if (changing.has(transactionOf(tx))) return;
    const [row] = await tx.query<{ number: string }>(
      'UPDATE conformance_generation SET number = number + 1 RETURNING number',
    );
    changing.add(transactionOf(tx));
    // A transaction that is undone never brings it: after a while nobody waits for it any more.
    expected = { number: BigInt(row?.number ?? 0), until: performance.now() + limits.terminology.commitMs };
  }

  return {
    change,
    isChanging: (sql) => changing.has(transactionOf(sql)),
    async look(sql) {
      const now = performance.now();
      if (expected && (now > expected.until || BigInt(known ?? 0) >= expected.number)) expected = undefined;
      if (!expected && now - lookedAt < limits.terminology.lookMs) return;
      lookedAt = now;
      const [row] = await sql.query<{ number: string }>('SELECT number FROM conformance_generation');
      if (row?.number === known) return;
      known = row?.number;
      forget();
    },
    effect: {
      name: 'conformance-generation',
      types: ['StructureDefinition', 'ValueSet', 'CodeSystem'],
      async apply(_change, tx) {
        await change(tx);
        return ok(undefined);
      },
    },
  };
}
