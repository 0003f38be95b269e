import { operators } from '../operators/operators.ts';
import type { OperatorCompiler } from '../operators/types.ts';
import { caseNode, ifNode } from './conditions.ts';
import { constantValue, fold } from './constant.ts';
import { nodeOf } from './elm.ts';
import { functionRef } from './functions.ts';
import { identifierRef } from './identifier.ts';
import { code, concept, literal, quantity, ratio } from './literal.ts';
import { property } from './property.ts';
import { existsQuery, query } from './query/query.ts';
import {
  aliasRef,
  codeRef,
  codeSystemRef,
  conceptRef,
  expressionRef,
  operandRef,
  parameterRef,
  queryLetRef,
  valueSetRef,
} from './references.ts';
import { Refusal } from './refusal.ts';
import { retrieve } from './retrieve.ts';
import { giveNull, type NodeCompiler, type Site } from './site.ts';
import { instance, list, nullNode, tuple } from './structures.ts';
import type { Compiled, ElmNode } from './types.ts';

/** The nodes that need to know where they stand; all others are operators. */
const compilers: Readonly<Record<string, NodeCompiler>> = {
  AliasRef: aliasRef,
  Case: caseNode,
  Code: code,
  CodeRef: codeRef,
  CodeSystemRef: codeSystemRef,
  Concept: concept,
  ConceptRef: conceptRef,
  ExpressionRef: expressionRef,
  FunctionRef: functionRef,
  IdentifierRef: identifierRef,
  If: ifNode,
  Instance: instance,
  List: list,
  Literal: literal,
  Null: nullNode,
  OperandRef: operandRef,
  ParameterRef: parameterRef,
  Property: property,
  Quantity: quantity,
  Query: query,
  QueryLetRef: queryLetRef,
  Ratio: ratio,
  Retrieve: retrieve,
  Tuple: tuple,
  ValueSetRef: valueSetRef,
};

/** Nodes whose value time alone can change. */
const clocks = new Set(['Now', 'Today', 'TimeOfDay', 'CalculateAge']);

/** Compiles a node of ELM, or throws a Refusal that names the node, its library and its expression. */
export function compileNode(node: ElmNode, site: Site): Compiled {
  try {
    return compileKnown(node, site);
  } catch (error) {
    if (error instanceof Refusal || error instanceof RangeError) throw error;
    // ELM may be anybody's: an operator without its operands, a list where a name belongs.
    throw new Refusal(`${node.type} is malformed.`, site.place, node.locator, error);
  }
}

function compileKnown(node: ElmNode, site: Site): Compiled {
  const type = typeof node.type === 'string' ? node.type : '';
  const operand = nodeOf(node, 'operand');
  // Whoever wants to know why wants the whole list.
  const isShort = type === 'Exists' && operand?.type === 'Query' && !operand.aggregate && !site.program.isTraced;
  if (isShort) return existsQuery(node, site);
  const own = Object.hasOwn(compilers, type) ? compilers[type] : undefined;
  if (own) return own(node, site);
  const operator = Object.hasOwn(operators, type) ? operators[type] : undefined;
  if (operator && clocks.has(type)) return clock(compileOperator(operator, node, site), site);
  if (operator) return compileOperator(operator, node, site);
  throw new Refusal(`${type || 'a node without type'} is not supported.`, site.place, node.locator);
}

function clock(code: Compiled, site: Site): Compiled {
  site.reach.readsNow = true;
  return (frame) => {
    frame.run.follow?.noteClock();
    return code(frame);
  };
}

/** An operator whose operands are all known at load is computed at load, unless it looks at the clock or the zone. */
function compileOperator(operator: OperatorCompiler, node: ElmNode, site: Site): Compiled {
  let isConstant = !clocks.has(node.type ?? '');
  const computed = operator(
    node,
    (operand) => {
      if (!operand) return giveNull;
      const compiled = site.compile(operand, site);
      if (constantValue(compiled) === undefined) isConstant = false;
      return compiled;
    },
    {
      ...site.around,
      refuse: (text) => {
        throw new Refusal(`${node.type}: ${text}`, site.place, node.locator);
      },
    },
  );
  return isConstant && constantValue(computed) === undefined ? fold(computed) : computed;
}
