import { constantValue } from '../compile/constant.ts';
import type { Compiled, ElmNode } from '../compile/types.ts';
import { Code, CodeSystem, Concept, ValueSet } from '../values/code.ts';
import { isList } from '../values/equality.ts';
import { CqlFault } from '../values/fault.ts';
import type { Value } from '../values/types.ts';
import { folded, nodeIn } from './operands.ts';
import type { CompileOperand, OperatorCompiler, OperatorTable } from './types.ts';

/** Whether a code, any code of a concept, or any of a list is in a vocabulary. Null is in none. */
function isIn(value: Value, vocabulary: ValueSet | CodeSystem): boolean {
  if (value instanceof Concept) return value.codes.some((code) => isIn(code, vocabulary));
  if (isList(value)) return value.some((code) => isIn(code, vocabulary));
  if (value instanceof Code) {
    return vocabulary instanceof ValueSet
      ? vocabulary.has(value)
      : value.system === vocabulary.id && value.code !== null;
  }
  // A bare text does not say of which system it is a code.
  return typeof value === 'string' && vocabulary instanceof ValueSet && vocabulary.hasText(value);
}

function vocabularyOf(value: Value, node: ElmNode): ValueSet | CodeSystem {
  if (value instanceof ValueSet || value instanceof CodeSystem) return value;
  throw new CqlFault(`${node.type} without a vocabulary.`, node.locator);
}

/** The vocabulary is named or computed. */
function vocabularyIn(node: ElmNode, kind: 'valueset' | 'codesystem', compile: CompileOperand): Compiled {
  const named = nodeIn(node, kind);
  // A reference within these nodes may go without a type.
  const reference = named && { type: kind === 'valueset' ? 'ValueSetRef' : 'CodeSystemRef', ...named };
  return compile(reference ?? nodeIn(node, `${kind}Expression`));
}

function membership(property: 'code' | 'codes', kind: 'valueset' | 'codesystem'): OperatorCompiler {
  return (node, compile) => {
    const codes = compile(nodeIn(node, property));
    const vocabulary = vocabularyIn(node, kind, compile);
    const constant = constantValue(vocabulary);
    if (constant instanceof ValueSet || constant instanceof CodeSystem) {
      return folded([codes], (frame) => isIn(codes(frame), constant));
    }
    return (frame) => isIn(codes(frame), vocabularyOf(vocabulary(frame), node));
  };
}

/**
 * The source itself; nothing is printed and nothing is kept. A condition that holds with the severity Error stops the evaluation, without the
 * message, which may quote the record.
 */
const message: OperatorCompiler = (node, compile) => {
  const [source, condition, severity] = ['source', 'condition', 'severity'].map((name) => compile(nodeIn(node, name)));
  if (!source || !condition || !severity) return () => null;
  return (frame) => {
    if (condition(frame) === true && severity(frame) === 'Error') {
      throw new CqlFault('the logic reported an error.', node.locator);
    }
    return source(frame);
  };
};

/** Source: CQL 1.5, Appendix B, "Clinical Operators" and "Errors and Messaging". */
export const clinical: OperatorTable = {
  InValueSet: membership('code', 'valueset'),
  AnyInValueSet: membership('codes', 'valueset'),
  InCodeSystem: membership('code', 'codesystem'),
  AnyInCodeSystem: membership('codes', 'codesystem'),
  ExpandValueSet: (node, compile) => {
    const operand = compile(nodeIn(node, 'operand') ?? (Array.isArray(node.operand) ? node.operand[0] : undefined));
    return folded([operand], (frame) => {
      const value = operand(frame);
      return value instanceof ValueSet ? value.codes : null;
    });
  },
  Message: message,
};
