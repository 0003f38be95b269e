import { ok, type Result } from '../../base/errors.ts';
import type { Branch, Chain, Criterion, ReverseChain } from '../../fhir/search/query.ts';
import type { StoreParts } from '../parts.ts';
import type { Query } from '../rows.ts';
import type { Visibility } from '../types.ts';
import { hashedTargets } from './chain.ts';
import { criterionCondition } from './filters.ts';
import { fewSources, fewSourcesOfAll } from './has.ts';
import { behind, joinedWhere } from './joined.ts';
import type { Selection } from './selection.ts';
import { statement } from './statement.ts';

/**
 * How many records meet what is behind each join of a branch, innermost first, for the choice of the way (`chain.ts`, `has.ts`).
 * Only the way depends on the number, never the answer.
 */
export async function joinSizes(
  query: Query,
  parts: StoreParts,
  branch: Branch,
  visibility: Visibility,
  whole: boolean,
): Promise<Result<ReadonlyMap<Criterion, number>>> {
  const sizes = new Map<Criterion, number>();
  const selection: Selection = {
    definitions: parts.definitions,
    visibility,
    into: statement(),
    type: branch.type,
    row: 'r',
    scoped: false,
    whole,
    sizes,
    criterion: criterionCondition,
  };
  for (const criterion of branch.filters) {
    const done = await measure(query, selection, criterion, sizes);
    if (!done.ok) return done;
  }
  return ok(sizes);
}

/** Counted no further: every choice between ways falls below. Where there is no choice, nothing is counted. */
function enough({ kind }: Chain | ReverseChain, whole: boolean): number {
  if (kind === 'chain') return whole ? 0 : hashedTargets;
  return whole ? fewSourcesOfAll : fewSources;
}

async function measure(
  query: Query,
  selection: Selection,
  criterion: Criterion,
  sizes: Map<Criterion, number>,
): Promise<Result<void>> {
  if (criterion.kind === 'filter') return ok(undefined);
  if (criterion.kind !== 'chain' && criterion.kind !== 'has') {
    for (const one of Array.isArray(criterion.of) ? criterion.of : [criterion.of]) {
      const done = await measure(query, selection, one, sizes);
      if (!done.ok) return done;
    }
    return ok(undefined);
  }
  const type = criterion.kind === 'chain' ? criterion.targetType : criterion.sourceType;
  const joined = { ...behind(selection, type), into: statement(), whole: true };
  const inner = await measure(query, joined, criterion.of, sizes);
  if (!inner.ok) return inner;
  const where = joinedWhere(joined, criterion.of);
  if (!where.ok) return where;
  if (where.value === undefined) return ok(undefined);
  const counted = enough(criterion, selection.whole);
  if (counted === 0) {
    sizes.set(criterion, 0);
    return ok(undefined);
  }
  const rows = await query<{ size: number }>(
    `SELECT count(*)::integer AS size FROM (SELECT FROM resource ${joined.row} WHERE ${where.value} LIMIT ${counted + 1}) s`,
    joined.into.values,
  );
  sizes.set(criterion, rows[0]?.size ?? 0);
  return ok(undefined);
}
