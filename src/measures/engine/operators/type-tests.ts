import type { ElmNode } from '../compile/types.ts';
import { Code, CodeSystem, Concept, ValueSet } from '../values/code.ts';
import { CqlDate } from '../values/date.ts';
import { CqlDateTime } from '../values/date-time.ts';
import { Decimal } from '../values/decimal.ts';
import { isList } from '../values/equality.ts';
import { Interval } from '../values/interval.ts';
import { Quantity, Ratio } from '../values/quantity.ts';
import { CqlTime } from '../values/time.ts';
import { Tuple } from '../values/tuple.ts';
import type { Value } from '../values/types.ts';
import { Uncertainty } from '../values/uncertainty.ts';
import { nodeIn, operandsIn, textIn } from './operands.ts';
import { pointTypeNamed } from './static-kind.ts';
import type { Surroundings } from './types.ts';

export type TypeTest = (value: Value) => boolean;

const system = '{urn:hl7-org:elm-types:r1}';

/** The types of CQL itself. Nothing is of a type that is null. */
const systemTypes: Readonly<Record<string, TypeTest>> = {
  Any: (value) => value !== null,
  Boolean: (value) => typeof value === 'boolean',
  Integer: (value) => typeof value === 'number' || value instanceof Uncertainty,
  Long: (value) => typeof value === 'bigint',
  Decimal: (value) => value instanceof Decimal,
  String: (value) => typeof value === 'string',
  Date: (value) => value instanceof CqlDate,
  DateTime: (value) => value instanceof CqlDateTime,
  Time: (value) => value instanceof CqlTime,
  Quantity: (value) => value instanceof Quantity,
  Ratio: (value) => value instanceof Ratio,
  Code: (value) => value instanceof Code,
  Concept: (value) => value instanceof Concept,
  ValueSet: (value) => value instanceof ValueSet,
  CodeSystem: (value) => value instanceof CodeSystem,
  Vocabulary: (value) => value instanceof ValueSet || value instanceof CodeSystem,
};

/** A test for the type that a node names in `asType`/`asTypeSpecifier` (or `isType`, `toType`). Refuses a type that there is not. */
export function typeTestIn(
  node: ElmNode,
  prefix: 'as' | 'is' | 'to',
  around: Surroundings,
  looksInside: boolean,
): TypeTest {
  const name = textIn(node, `${prefix}Type`);
  if (name !== undefined) return namedTest(name, around);
  const specifier = nodeIn(node, `${prefix}TypeSpecifier`);
  return specifier ? testOf(specifier, around, looksInside) : around.refuse(`${node.type} without a type.`);
}

function namedTest(name: string, around: Surroundings): TypeTest {
  if (name.startsWith(system)) {
    const bare = name.slice(system.length);
    const test = Object.hasOwn(systemTypes, bare) ? systemTypes[bare] : undefined;
    if (test) return test;
  }
  return around.modelType(name) ?? around.refuse(`the type "${name}" is not known.`);
}

/** @param looksInside whether the elements of a list are tested too: for `is`, but not for a cast, which would walk every list */
function testOf(specifier: ElmNode, around: Surroundings, looksInside: boolean): TypeTest {
  switch (specifier.type) {
    case 'NamedTypeSpecifier':
      return namedTest(textIn(specifier, 'name') ?? '', around);
    case 'ListTypeSpecifier':
      return listTest(nodeIn(specifier, 'elementType'), around, looksInside);
    case 'IntervalTypeSpecifier':
      return intervalTest(nodeIn(specifier, 'pointType'), around);
    case 'ChoiceTypeSpecifier': {
      const tests = operandsIn(specifier, 'choice').map((choice) => testOf(choice, around, looksInside));
      return (value) => tests.some((test) => test(value));
    }
    case 'TupleTypeSpecifier':
      return (value) => value instanceof Tuple;
    default:
      return around.refuse(`the type specifier "${specifier.type}" is not supported.`);
  }
}

function listTest(elementType: ElmNode | undefined, around: Surroundings, looksInside: boolean): TypeTest {
  const test = elementType && testOf(elementType, around, looksInside);
  if (!test || !looksInside) return isList;
  return (value) => isList(value) && value.every((element) => element === null || test(element));
}

function intervalTest(pointType: ElmNode | undefined, around: Surroundings): TypeTest {
  const name = (pointType && textIn(pointType, 'name')) ?? '';
  const point = pointTypeNamed(name);
  if (pointType && !point && name !== `${system}Any`) testOf(pointType, around, false);
  return (value) =>
    value instanceof Interval && (point === null || value.pointType === null || value.pointType === point);
}
