import type { Value } from '../../values/types.ts';
import { nodeOf, textOf } from '../elm.ts';
import { Refusal } from '../refusal.ts';
import { type Site, withName } from '../site.ts';
import type { Compiled, ElmNode, Frame } from '../types.ts';
import { distinctValues } from './distinct.ts';

/** Folds the rows of a query into one value. Used for one run at a time: what has been added so far is in the frame. */
export interface Aggregate {
  begin(frame: Frame): void;
  add(row: Frame): void;
  result(frame: Frame): Value;
}

/** `aggregate`, or `aggregate distinct` over one source. Source: CQL 1.5, AggregateClause. */
export function compileAggregate(node: ElmNode, site: Site, row: Compiled): Aggregate {
  const expression = nodeOf(node, 'expression');
  const starting = nodeOf(node, 'starting');
  if (!expression) throw new Refusal('Query has an aggregate without expression.', site.place, node.locator);
  const { site: inner, slot } = withName(site, textOf(node, 'identifier') ?? '$total');
  const { slot: seen } = withName(inner, '$seen');
  const start = starting && site.compile(starting, site);
  const next = inner.compile(expression, inner);
  const isDistinct = node.distinct === true;
  return {
    begin(frame) {
      frame.locals[slot] = start ? start(frame) : null;
      frame.locals[seen] = [];
    },
    add(frame) {
      if (isDistinct) {
        const rows = frame.locals[seen];
        const before = Array.isArray(rows) ? rows : [];
        const after = distinctValues([...before, row(frame)]);
        if (after.length === before.length) return;
        frame.locals[seen] = after;
      }
      frame.locals[slot] = next(frame);
    },
    result: ({ locals }) => locals[slot] ?? null,
  };
}
