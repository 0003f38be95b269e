import type { Compiled, ElmNode } from '../compile/types.ts';
import type { Value } from '../values/types.ts';
import type { Units } from '../values/units.ts';

/** Compiled code whose value does not depend on the frame carries it, so that whoever uses it can compute with it at once. */
export type Constant = Compiled & { constant: Value };

/** Compiles an operand. Gives `() => null` for an absent one, which ELM allows for optional operands. */
export type CompileOperand = (node: ElmNode | undefined) => Compiled;

/** What an operator's compiler asks of the compiler around it. */
export interface Surroundings {
  readonly units: Units;
  /** Refuses the library at load: throws what becomes an error that names node, library and expression. */
  refuse(text: string): never;
  /**
   * A test for a type of the data model (or of any type that the operators do not know), by qualified name, e.g.
   * `{http://hl7.org/fhir}Condition`; undefined when there is no such type.
   */
  modelType(name: string): ((value: Value) => boolean) | undefined;
}

/** Compiles one node, whose operands have not been compiled yet. */
export type OperatorCompiler = (node: ElmNode, compile: CompileOperand, around: Surroundings) => Compiled;

/** By ELM node type. A node that is in no table is refused at load. */
export type OperatorTable = Readonly<Record<string, OperatorCompiler>>;
