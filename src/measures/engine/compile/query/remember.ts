import type { Value } from '../../values/types.ts';
import { nodesOf, textOf } from '../elm.ts';
import type { Site } from '../site.ts';
import type { Compiled, ElmNode } from '../types.ts';

/** Nodes that read a name, and nodes too cheap to be remembered. */
const readers = new Set(['AliasRef', 'QueryLetRef', 'OperandRef', 'IdentifierRef']);
const cheap = new Set([...readers, 'Property', 'As', 'Literal', 'Null', 'IsNull', 'Not']);

/**
 * A site whose code remembers, for one evaluation, what depends on a single one of `aliases`: in a product of sources the day of a dose is asked for in
 * every row that the dose is in, and need be computed but once. Code is remembered by the element itself, so it must read no other name.
 */
export function remembering(site: Site, aliases: ReadonlySet<string>): Site {
  if (aliases.size < 2 || site.program.isTraced) return site;
  const compile = (node: ElmNode, at: Site): Compiled => {
    const alias = isCheap(node) ? undefined : onlyName(node);
    if (alias === undefined || !aliases.has(alias)) return site.compile(node, at);
    const element = site.compile({ type: 'AliasRef', name: alias }, at);
    // Within what is remembered, nothing is.
    return remembered(site.compile(node, { ...at, compile: site.compile }), element, site.program.newMemo());
  };
  return { ...site, compile };
}

function remembered(code: Compiled, element: Compiled, memo: number): Compiled {
  return (frame) => {
    const { memos, follow } = frame.run;
    // What is remembered would not be said to have looked at the clock.
    if (follow) return code(frame);
    let known = memos[memo];
    if (!known) {
      known = new Map<Value, Value>();
      memos[memo] = known;
    }
    const of = element(frame);
    const before = known.get(of);
    if (before !== undefined) return before;
    const value = code(frame);
    known.set(of, value);
    return value;
  };
}

/** The one name that a node reads and does not bind itself; undefined when there are none or several. */
function onlyName(node: ElmNode): string | undefined {
  const read = new Set<string>();
  const bound = new Set<string>();
  collect(node, read, bound);
  const [name, ...more] = [...read].filter((each) => !bound.has(each));
  return more.length === 0 ? name : undefined;
}

function collect(part: unknown, read: Set<string>, bound: Set<string>): void {
  if (typeof part !== 'object' || part === null) return;
  if (Array.isArray(part)) {
    for (const item of part) collect(item, read, bound);
    return;
  }
  const node: ElmNode = { ...part };
  if (readers.has(node.type ?? '')) read.add(textOf(node, 'name') ?? '');
  const scope = node.type === 'Property' ? textOf(node, 'scope') : undefined;
  if (scope !== undefined) read.add(scope);
  // The sources, lets and accumulators of queries within it.
  for (const name of [node.alias, node.identifier]) if (typeof name === 'string') bound.add(name);
  if (node.type === 'ByExpression' || node.type === 'ByColumn') bound.add('$this');
  for (const [property, inner] of Object.entries(node))
    if (property !== 'annotation' && property !== 'signature') collect(inner, read, bound);
}

function isCheap(node: ElmNode): boolean {
  return cheap.has(node.type ?? '') && [...nodesOf(node, 'operand'), ...nodesOf(node, 'source')].every(isCheap);
}
