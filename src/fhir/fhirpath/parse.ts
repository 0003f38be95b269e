import {
  type Atom,
  type AtomContext,
  FhirPathAtom,
  FunctionAtom,
  InfixOperatorAtom,
  initFhirPathParserBuilder,
  type Parser,
  SymbolAtom,
  Tokenizer,
  type TypedValue,
} from '@medplum/core';
import { distinct } from './collections.ts';
import { elementsOf, plainValue } from './elements.ts';
import { type FhirPathFunction, functions, yes } from './functions.ts';
import { areEqual, includes } from './same.ts';

export { evalFhirPathTyped, type FhirPathAtom } from '@medplum/core';

/** Parses an expression whose functions mean what FHIR R4 says. Throws for what is no FHIRPath. Evaluate with `evalFhirPathTyped`. */
export function parseFhirPath(expression: string): FhirPathAtom {
  const tokens = new Tokenizer(expression, ['true', 'false'], ['!=', '!~', '<=', '>=', '{}', '->']).tokenize();
  return new FhirPathAtom(expression, builder.construct(tokens).consumeAndParse());
}

/** Of a function of ours: what the engine's `FunctionAtom` is for its own. */
class OwnFunctionAtom extends FunctionAtom {
  readonly does: FhirPathFunction;

  constructor(name: string, args: Atom[], does: FhirPathFunction) {
    super(name, args);
    this.does = does;
  }

  override eval(context: AtomContext, input: TypedValue[]): TypedValue[] {
    return this.does({ context, input, args: this.args });
  }
}

/** A function of the engine that takes values: primitives come to it without their extensions, and not at all when they have no value. */
class ValueFunctionAtom extends FunctionAtom {
  override eval(context: AtomContext, input: TypedValue[]): TypedValue[] {
    const values = input.map((item) => ({ type: item.type, value: plainValue(item) }));
    return super.eval(
      context,
      values.filter(({ value }) => value !== undefined),
    );
  }
}

/** A name in a path: an element, with the extensions of primitives, or a type, or a variable. */
class ElementAtom extends SymbolAtom {
  override eval(context: AtomContext, input: TypedValue[]): TypedValue[] {
    const first = this.name.charCodeAt(0);
    const isElement = first >= smallA && first <= smallZ;
    return isElement ? input.flatMap((item) => elementsOf(item, this.name)) : super.eval(context, input);
  }
}

const smallA = 0x61;
const smallZ = 0x7a;

/** Functions of the engine that hand elements on as they are. */
const handingOn: ReadonlySet<string> = new Set([
  'single',
  'first',
  'last',
  'tail',
  'skip',
  'take',
  'ofType',
  'as',
  'is',
  'iif',
  'trace',
  'empty',
  'count',
]);

type Operator = (left: TypedValue[], right: TypedValue[]) => TypedValue[];

class OwnOperatorAtom extends InfixOperatorAtom {
  readonly does: Operator;

  constructor(operator: string, left: Atom, right: Atom, does: Operator) {
    super(operator, left, right);
    this.does = does;
  }

  eval(context: AtomContext, input: TypedValue[]): TypedValue[] {
    return this.does(this.left.eval(context, input), this.right.eval(context, input));
  }
}

/** By their ranks in the order of operators (FHIRPath N1, 6.8). */
const operators: readonly [sign: string, rank: number, does: Operator][] = [
  ['|', 7, (left, right) => distinct([...left, ...right])],
  ['=', 9, (left, right) => answer(areEqual(left, right))],
  ['!=', 9, (left, right) => answer(areEqual(left, right), (isSame) => !isSame)],
  ['in', 10, isIn],
  ['contains', 10, (left, right) => isIn(right, left)],
];

const builder = createBuilder();

function createBuilder(): ReturnType<typeof initFhirPathParserBuilder> {
  const made = initFhirPathParserBuilder();
  made.registerPrefix('Symbol', { parse: (_, token) => new ElementAtom(token.value) });
  made.registerInfix('(', { parse: parseCall, precedence: 0 });
  for (const [sign, rank, does] of operators) {
    made.infixLeft(sign, rank, (left, _, right) => new OwnOperatorAtom(sign, left, right, does));
  }
  return made;
}

function parseCall(parser: Parser, left: Atom): Atom {
  if (!(left instanceof SymbolAtom)) throw new Error('Unexpected parentheses');
  const args: Atom[] = [];
  while (!parser.match(')')) {
    args.push(parser.consumeAndParse());
    parser.match(',');
  }
  const own = functions.get(left.name);
  if (own) return new OwnFunctionAtom(left.name, args, own);
  return handingOn.has(left.name) ? new FunctionAtom(left.name, args) : new ValueFunctionAtom(left.name, args);
}

function answer(value: boolean | undefined, told: (value: boolean) => boolean = (same) => same): TypedValue[] {
  return value === undefined ? [] : yes(told(value));
}

/** Nothing is asked of no item; several are an error. */
function isIn(wanted: TypedValue[], items: TypedValue[]): TypedValue[] {
  const [item] = wanted;
  if (wanted.length > 1) throw new Error('Membership is asked of a single item');
  return item ? yes(includes(items, item)) : [];
}
