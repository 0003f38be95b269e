import { Tuple } from '../../values/tuple.ts';
import type { Value } from '../../values/types.ts';
import { nodeOf, nodesOf, textOf } from '../elm.ts';
import { Refusal } from '../refusal.ts';
import { listening, type Site, withName } from '../site.ts';
import type { Compiled, ElmNode, Frame } from '../types.ts';
import { type Aggregate, compileAggregate } from './aggregate.ts';
import { conjunctsOf } from './conjuncts.ts';
import { compileRelationship } from './relationship.ts';
import { remembering } from './remember.ts';
import type { Rows, Step } from './rows.ts';
import { compileSort } from './sort.ts';

/** A query ready to run. */
export interface Plan {
  sources: readonly Compiled[];
  rows: Rows;
  /** The value of a row. */
  output: Compiled;
  isDistinct: boolean;
  aggregate: Aggregate | undefined;
  sort: ((values: readonly Value[], frame: Frame) => readonly Value[]) | undefined;
  /** Slots of what a run remembers from row to row. */
  remembered: readonly number[];
}

/** How many sources have to be bound before something can be computed, by slot. */
type Levels = Map<number, number>;

/** Compiles the clauses of a query. Its names go out of sight, and their slots may be used again, after it. */
export function planQuery(node: ElmNode, site: Site): Plan {
  const saved = site.slots.next;
  const levels: Levels = new Map();
  const aliases: { alias: string; slot: number }[] = [];
  const sourceNodes = nodesOf(node, 'source');
  if (sourceNodes.length === 0) throw new Refusal('Query has no source.', site.place, node.locator);
  const sources = sourceNodes.map((source) => {
    const expression = nodeOf(source, 'expression');
    if (!expression) throw new Refusal('Query has a source without expression.', site.place, node.locator);
    // A source does not see the aliases beside it.
    return site.compile(expression, site);
  });
  let inner = site;
  for (const source of sourceNodes) {
    const alias = textOf(source, 'alias') ?? '';
    const bound = withName(inner, alias);
    aliases.push({ alias, slot: bound.slot });
    levels.set(bound.slot, aliases.length);
    inner = bound.site;
  }
  const lets: { slot: number; level: number }[] = [];
  for (const clause of nodesOf(node, 'let')) {
    const expression = nodeOf(clause, 'expression');
    if (!expression) throw new Refusal('Query has a let without expression.', site.place, node.locator);
    const scope = inner;
    const { result, read } = listening(site.slots, () => scope.compile(expression, scope));
    // A let may be asked for in the midst of other code, which must not use the same slots.
    site.slots.next = site.slots.size;
    const bound = withName(inner, textOf(clause, 'identifier') ?? '', result);
    const level = levelOf(read, levels);
    levels.set(bound.slot, level);
    lets.push({ slot: bound.slot, level });
    inner = bound.site;
  }
  const { conditions, tests, remembered } = compileConditions(node, inner, levels);
  const steps = [{ slot: -1 }, ...aliases].map(
    ({ slot }, level): Step => ({
      slot,
      lets: lets.filter((entry) => entry.level === level).map((entry) => entry.slot),
      tests: tests.filter((entry) => entry.level === level).map((entry) => entry.test),
    }),
  );
  const returned = nodeOf(node, 'return');
  const aggregateNode = nodeOf(node, 'aggregate');
  const expression = returned && nodeOf(returned, 'expression');
  const plan: Plan = {
    sources,
    rows: { steps, conditions },
    output: expression ? inner.compile(expression, inner) : rowOf(aliases),
    // Only a return clause makes values distinct, and it does unless it says `all`.
    isDistinct: returned !== undefined && returned.distinct !== false,
    aggregate: aggregateNode && compileAggregate(aggregateNode, inner, rowOf(aliases)),
    sort: compileSort(nodeOf(node, 'sort'), site),
    remembered,
  };
  site.slots.next = saved;
  return plan;
}

interface Conditions {
  /** In the order of the text: relationships, then where. */
  conditions: Compiled[];
  /** The same, taken apart, with the number of sources that each needs. */
  tests: { test: Compiled; level: number }[];
  remembered: number[];
}

function compileConditions(node: ElmNode, inner: Site, levels: Levels): Conditions {
  const rowSlots = new Set(levels.keys());
  const conditions: Compiled[] = [];
  const related: { test: Compiled; level: number }[] = [];
  const remembered: number[] = [];
  for (const relationship of nodesOf(node, 'relationship')) {
    const { result, read } = listening(inner.slots, () => compileRelationship(relationship, inner, rowSlots));
    if (result.remembered !== undefined) remembered.push(result.remembered);
    conditions.push(result.condition);
    related.push({ test: result.condition, level: levelOf(read, levels) });
  }
  const where = nodeOf(node, 'where');
  const asking = remembering(inner, new Set(nodesOf(node, 'source').map((source) => textOf(source, 'alias') ?? '')));
  const parts = (where ? conjunctsOf(where) : []).map((part) => {
    const { result, read } = listening(inner.slots, () => asking.compile(part, asking));
    return { test: result, level: levelOf(read, levels) };
  });
  conditions.push(...parts.map(({ test }) => test));
  // Of what is complete at the same source, `where` is asked first: a relationship walks a list.
  return { conditions, tests: [...parts, ...related], remembered };
}

function levelOf(read: ReadonlySet<number>, levels: Levels): number {
  let level = 0;
  for (const slot of read) level = Math.max(level, levels.get(slot) ?? 0);
  return level;
}

/** Without a return clause a row is the element of its one source, or a tuple of all. */
function rowOf(aliases: readonly { alias: string; slot: number }[]): Compiled {
  const [first] = aliases;
  if (first && aliases.length === 1) return ({ locals }) => locals[first.slot] ?? null;
  return ({ locals }) => new Tuple(Object.fromEntries(aliases.map(({ alias, slot }) => [alias, locals[slot] ?? null])));
}
