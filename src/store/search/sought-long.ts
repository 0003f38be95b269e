import { ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Query } from '../rows.ts';
import type { PageAsked } from './page-asked.ts';
import { rememberable } from './rememberable.ts';
import { type Answer, answerKey, changedSince, snapshotBefore } from './remembered.ts';
import { type PlacedRow, pageStatement, sortedRows } from './sorted-rows.ts';
import type { RowBranch } from './where.ts';

const { rememberedRows } = limits.search;

/**
 * `sortedRows` of a search in the order of creation; where the way to them was long, the next time only they and what has changed
 * since are asked. Everything else that comes before the last of them did not match when the answer was found, and has not changed.
 */
export async function soughtLong(query: Query, asked: PageAsked): Promise<Result<PlacedRow[]>> {
  const { parts, wanted, branches, visibility, limit } = asked;
  const ask = (some: readonly RowBranch[]) => sortedRows(query, { ...asked, branches: some });
  const branch = rememberable(parts, wanted, branches, visibility);
  const { remembered } = parts;
  if (!branch || !remembered || branch.sort.length > 0 || limit > rememberedRows) return ask(branches);
  const made = pageStatement(asked);
  if (!made.ok || made.value === undefined) return ask(branches);
  const key = answerKey('rows', made.value.text, made.value.values);
  const keep = (rows: readonly PlacedRow[], snapshot: string) => {
    const last = rows.length < limit ? undefined : rows.at(-1)?.key;
    remembered.set(key, { keys: rows.map((row) => row.key), snapshot, ...(last !== undefined && { through: last }) });
  };
  const again = async (): Promise<Result<PlacedRow[]> | undefined> => {
    const known = remembered.get(key);
    const changed = known?.keys && (await changedSince(query, branch.type, known.snapshot));
    if (!known?.keys || !changed || changed.keys.length > rememberedRows) return undefined;
    const keys = [...new Set([...known.keys, ...changed.keys])];
    const found = await ask([{ ...branch, among: { size: keys.length, keys: `{${keys.join(',')}}` } }]);
    if (!found.ok) return found;
    const sure = ok(found.value.filter((row) => isWithin(known, row)));
    // Some of them match no longer: what comes in their place is not known.
    if (known.through !== undefined && sure.value.length < limit) return undefined;
    keep(sure.value, changed.snapshot);
    return sure;
  };
  const found = await again();
  if (found) return found;
  return remembered.inTurn(key, async () => {
    const meanwhile = await again();
    if (meanwhile) return meanwhile;
    const snapshot = await snapshotBefore(query, remembered);
    const started = performance.now();
    const rows = await ask(branches);
    if (rows.ok && performance.now() - started >= remembered.fromMs) keep(rows.value, snapshot);
    return rows;
  });
}

/** True for the rows up to which the answer is known to be whole. */
function isWithin({ through }: Answer, { key }: PlacedRow): boolean {
  return through === undefined || BigInt(key) <= BigInt(through);
}
