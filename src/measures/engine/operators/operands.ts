import { constantValue, fold } from '../compile/constant.ts';
import type { Compiled, ElmNode } from '../compile/types.ts';
import { type Precision, precisions } from '../values/precision.ts';
import type { Value } from '../values/types.ts';
import type { OperatorCompiler, Surroundings } from './types.ts';

/** The node in a property of a node; undefined when there is none. */
export function nodeIn(node: ElmNode, property: string): ElmNode | undefined {
  const value = node[property];
  return isNode(value) ? value : undefined;
}

function isNode(value: unknown): value is ElmNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The operands of a node; a single one counts as a list of one. */
export function operandsIn(node: ElmNode, property = 'operand'): ElmNode[] {
  const value = node[property];
  return Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [];
}

export function textIn(node: ElmNode, property: string): string | undefined {
  const value = node[property];
  return typeof value === 'string' ? value : undefined;
}

/** The precision that a node asks for, 0 for none; refuses what is no precision of dates and times (`Week`). */
export function precisionIn(node: ElmNode, around: Surroundings): Precision | 0 {
  const name = textIn(node, 'precision');
  if (name === undefined) return 0;
  const precision = Object.hasOwn(precisions, name) ? precisions[name] : undefined;
  return precision ?? around.refuse(`${node.type} to the precision "${name}" is not supported.`);
}

/** Computed now when every operand is constant. */
export function folded(operands: readonly Compiled[], code: Compiled): Compiled {
  return operands.every((operand) => constantValue(operand) !== undefined) ? fold(code) : code;
}

/** Of one operand. */
export function unary(compute: (value: Value) => Value): OperatorCompiler {
  return (node, compile) => {
    const operand = compile(operandsIn(node)[0]);
    return folded([operand], (frame) => compute(operand(frame)));
  };
}

/** Of two operands, named or in order. */
export function binary(
  compute: (left: Value, right: Value) => Value,
  names?: readonly [string, string],
): OperatorCompiler {
  return (node, compile) => {
    const [first, second] = names ? [nodeIn(node, names[0]), nodeIn(node, names[1])] : operandsIn(node);
    return compileBinary(compile(first), compile(second), compute);
  };
}

/** One operand of the two is often a constant, and then is not asked each time. */
export function compileBinary(
  left: Compiled,
  right: Compiled,
  compute: (left: Value, right: Value) => Value,
): Compiled {
  const constant = constantValue(right);
  if (constant === undefined) return (frame) => compute(left(frame), right(frame));
  return folded([left], (frame) => compute(left(frame), constant));
}

/** Of operands that stand in properties of their own. */
export function named(names: readonly string[], compute: (...values: Value[]) => Value): OperatorCompiler {
  return (node, compile) => {
    const operands = names.map((name) => compile(nodeIn(node, name)));
    const [first, second, third] = operands;
    if (operands.length === 1 && first) return folded(operands, (frame) => compute(first(frame)));
    if (operands.length === 2 && first && second) return compileBinary(first, second, compute);
    if (operands.length === 3 && first && second && third) {
      return folded(operands, (frame) => compute(first(frame), second(frame), third(frame)));
    }
    return folded(operands, (frame) => compute(...operands.map((operand) => operand(frame))));
  };
}

/** Of any number of operands in order. */
export function nary(compute: (...values: Value[]) => Value): OperatorCompiler {
  return (node, compile) => {
    const operands = operandsIn(node).map((operand) => compile(operand));
    return folded(operands, (frame) => compute(...operands.map((operand) => operand(frame))));
  };
}
