import type { Truth, Value } from '../values/types.ts';
import { folded, operandsIn, unary } from './operands.ts';
import type { OperatorCompiler, OperatorTable } from './types.ts';

/** Three-valued logic. What is no Boolean is unknown. Source: CQL 1.5, Appendix B, "Logical Operators" and "Nullological Operators". */
export function and(left: Value, right: Value): Truth {
  if (left === false || right === false) return false;
  return left === true && right === true ? true : null;
}

export function or(left: Value, right: Value): Truth {
  if (left === true || right === true) return true;
  return left === false && right === false ? false : null;
}

export function xor(left: Value, right: Value): Truth {
  return typeof left === 'boolean' && typeof right === 'boolean' ? left !== right : null;
}

export function not(value: Value): Truth {
  return value === true ? false : value === false ? true : null;
}

export function implies(left: Value, right: Value): Truth {
  return or(not(left), right);
}

/** The second operand is asked only when the first does not decide. */
const compileAnd: OperatorCompiler = (node, compile) => {
  const [left, right] = pair(operandsIn(node).map((operand) => compile(operand)));
  return folded([left, right], (frame) => {
    const first = left(frame);
    if (first === false) return false;
    const second = right(frame);
    if (second === false) return false;
    return first === true && second === true ? true : null;
  });
};

const compileOr: OperatorCompiler = (node, compile) => {
  const [left, right] = pair(operandsIn(node).map((operand) => compile(operand)));
  return folded([left, right], (frame) => {
    const first = left(frame);
    if (first === true) return true;
    const second = right(frame);
    if (second === true) return true;
    return first === false && second === false ? false : null;
  });
};

const compileImplies: OperatorCompiler = (node, compile) => {
  const [left, right] = pair(operandsIn(node).map((operand) => compile(operand)));
  return folded([left, right], (frame) => {
    const first = left(frame);
    return first === false ? true : implies(first, right(frame));
  });
};

const compileXor: OperatorCompiler = (node, compile) => {
  const [left, right] = pair(operandsIn(node).map((operand) => compile(operand)));
  return folded([left, right], (frame) => xor(left(frame), right(frame)));
};

/** Coalesce of several operands, or of the elements of one list. */
const coalesce: OperatorCompiler = (node, compile) => {
  const nodes = operandsIn(node);
  const operands = nodes.map((operand) => compile(operand));
  const [only] = operands;
  if (operands.length === 1 && only) {
    return folded(operands, (frame) => {
      const value = only(frame);
      return Array.isArray(value) ? firstKnown(value) : value;
    });
  }
  return folded(operands, (frame) => {
    for (const operand of operands) {
      const value = operand(frame);
      if (value !== null) return value;
    }
    return null;
  });
};

function firstKnown(values: readonly Value[]): Value {
  for (const value of values) if (value !== null) return value;
  return null;
}

function pair<T>([left, right]: readonly T[]): [T, T] {
  if (left === undefined || right === undefined) throw new Error('two operands are needed');
  return [left, right];
}

export const logical: OperatorTable = {
  And: compileAnd,
  Or: compileOr,
  Xor: compileXor,
  Not: unary(not),
  Implies: compileImplies,
  IsTrue: unary((value) => value === true),
  IsFalse: unary((value) => value === false),
  IsNull: unary((value) => value === null),
  Coalesce: coalesce,
};
