import type { Value } from '../values/types.ts';
import { constantValue } from './constant.ts';
import { nodesOf } from './elm.ts';
import { compileNode } from './nodes.ts';
import type { Site } from './site.ts';
import type { Point } from './trace.ts';
import type { Compiled, ElmNode, Frame } from './types.ts';

/** Nodes that explain nothing by themselves. */
const silent = new Set([
  'AliasRef',
  'CodeRef',
  'CodeSystemRef',
  'ConceptRef',
  'ExpressionRef',
  'IdentifierRef',
  'Literal',
  'Null',
  'OperandRef',
  'Property',
  'QueryLetRef',
  'ValueSetRef',
]);

/**
 * Compiles a node to code that says what came out of it. The code gives what the untraced gives, but it looks at both sides of an `and` and an
 * `or` where the fast one stops, since the other side is part of the reason too. Slower by far.
 */
export function compileTraced(node: ElmNode, site: Site): Compiled {
  const isLogical = node.type === 'And' || node.type === 'Or';
  const code = isLogical ? bothSides(node, site) : compileNode(node, site);
  const point: Point = { locator: node.locator, kind: node.type ?? '', place: site.place };
  const isSilent = silent.has(point.kind);
  const traced: Compiled = (frame) => {
    const { trace } = frame.run;
    if (!trace) return code(frame);
    if (!isSilent) return trace.at(point, () => code(frame));
    try {
      return code(frame);
    } catch (fault) {
      trace.blame(point);
      throw fault;
    }
  };
  const constant = constantValue(code);
  return constant === undefined ? traced : Object.assign(traced, { constant });
}

function bothSides(node: ElmNode, site: Site): Compiled {
  const operands = nodesOf(node, 'operand').map((operand) => site.compile(operand, site));
  // One such value decides.
  const deciding = node.type === 'Or';
  return (frame) => {
    let result: Value = !deciding;
    for (const operand of operands) {
      const value: Value = result === deciding ? beside(operand, frame) : operand(frame);
      if (result === deciding) continue;
      if (value === deciding) result = deciding;
      else if (value === null) result = null;
    }
    return result;
  };
}

/** A side that no longer matters: what it comes to is shown, and a fault in it is none of the evaluation. */
function beside(operand: Compiled, frame: Frame): Value {
  const { trace } = frame.run;
  const before = trace?.faultAt;
  try {
    return operand(frame);
  } catch {
    if (trace) trace.faultAt = before;
    return null;
  }
}
