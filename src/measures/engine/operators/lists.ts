import { limits } from '../../../base/limits.ts';
import { equalOrBothNull, isList } from '../values/equality.ts';
import { CqlFault } from '../values/fault.ts';
import type { Value } from '../values/types.ts';
import { distinct } from './list-sets.ts';
import { folded, named, nodeIn, operandsIn, unary } from './operands.ts';
import type { OperatorCompiler, OperatorTable } from './types.ts';

function exists(value: Value): boolean {
  if (!isList(value)) return false;
  for (const element of value) if (element !== null) return true;
  return false;
}

/** Lists in the list give their elements; null lists give none. */
function flatten(value: Value): Value {
  if (!isList(value)) return null;
  // A few definitions that each double the one before would take all memory.
  const flat: Value[] = [];
  for (const element of value) {
    if (isList(element)) for (const inner of element) flat.push(inner);
    else if (element !== null) flat.push(element);
    if (flat.length > limits.measures.listLength) throw new CqlFault('Flatten makes a list that is too long.');
  }
  return flat;
}

function first(value: Value): Value {
  return isList(value) ? (value[0] ?? null) : null;
}

function last(value: Value): Value {
  return isList(value) ? (value.at(-1) ?? null) : null;
}

function indexOf(source: Value, element: Value): Value {
  if (!isList(source) || element === null) return null;
  return source.findIndex((value) => equalOrBothNull(value, element) === true);
}

/** Without a start from the beginning, without an end to the end; below zero nothing. Skip, Take and Tail arrive as this. */
function slice(source: Value, start: Value, end: Value): Value {
  if (!isList(source)) return null;
  const from = typeof start === 'number' ? start : 0;
  const to = typeof end === 'number' ? end : source.length;
  return from < 0 || to < 0 ? [] : source.slice(from, to);
}

/** The one element of a list; a fault when there are several. */
const singletonFrom: OperatorCompiler = (node, compile) => {
  const operand = compile(operandsIn(node)[0]);
  return (frame) => {
    const value = operand(frame);
    if (!isList(value) || value.length === 0) return null;
    if (value.length > 1) throw new CqlFault('SingletonFrom of a list of more than one element.', node.locator);
    return value[0] ?? null;
  };
};

/** The order of a First or Last is that of its source, which the translator sorts by a query. */
function ofSource(name: string, compute: (value: Value) => Value): OperatorCompiler {
  return (node, compile, around) => {
    if (node.orderBy !== undefined) return around.refuse(`${name} with an order of its own is not supported.`);
    const source = compile(nodeIn(node, 'source'));
    return folded([source], (frame) => compute(source(frame)));
  };
}

/** Source: CQL 1.5, Appendix B, "List Operators". Those that intervals have too are with them. */
export const lists: OperatorTable = {
  Exists: unary(exists),
  Distinct: unary(distinct),
  Flatten: unary(flatten),
  First: ofSource('First', first),
  Last: ofSource('Last', last),
  IndexOf: named(['source', 'element'], indexOf),
  Slice: named(['source', 'startIndex', 'endIndex'], slice),
  SingletonFrom: singletonFrom,
  ToList: unary((value) => (value === null ? [] : [value])),
};
