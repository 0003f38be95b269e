import { limits } from '../../../base/limits.ts';
import { Code, Concept } from '../values/code.ts';
import { isList } from '../values/equality.ts';
import { CqlFault } from '../values/fault.ts';
import { Interval } from '../values/interval.ts';
import { ModelNode } from '../values/model-node.ts';
import { Quantity } from '../values/quantity.ts';
import { Tuple } from '../values/tuple.ts';
import type { Value } from '../values/types.ts';
import { conversions, convert, converters } from './conversions.ts';
import { folded, nodeIn, operandsIn, textIn } from './operands.ts';
import { pointTypeNamed } from './static-kind.ts';
import { typeTestIn } from './type-tests.ts';
import type { OperatorCompiler, OperatorTable } from './types.ts';

/** A cast: null for what is of another type, and a fault when it is strict. */
const as: OperatorCompiler = (node, compile, around) => {
  const test = typeTestIn(node, 'as', around, false);
  const operand = compile(operandsIn(node)[0]);
  const isStrict = node.strict === true;
  const specifier = nodeIn(node, 'asTypeSpecifier');
  const pointNode = specifier && nodeIn(specifier, 'pointType');
  const pointType = pointTypeNamed((pointNode && textIn(pointNode, 'name')) ?? '');
  return folded([operand], (frame) => {
    const value = operand(frame);
    if (value === null) return null;
    if (test(value)) {
      // Interval[null, null] learns here what it is made of.
      return pointType && value instanceof Interval && value.pointType === null
        ? new Interval(value.low, value.high, value.lowClosed, value.highClosed, pointType)
        : value;
    }
    if (isStrict) throw new CqlFault('a strict cast of a value of another type.', node.locator);
    return null;
  });
};

const is: OperatorCompiler = (node, compile, around) => {
  const test = typeTestIn(node, 'is', around, true);
  const operand = compile(operandsIn(node)[0]);
  return folded([operand], (frame) => test(operand(frame)));
};

/** `convert … to …` by the name of a system type; the translator writes most of them as the operators named `To…`. */
function converting(finish?: (value: Value) => Value): OperatorCompiler {
  return (node, compile, around) => {
    const name = (textIn(node, 'toType') ?? '').replace('{urn:hl7-org:elm-types:r1}', '');
    const conversion = Object.hasOwn(conversions, name) ? conversions[name] : undefined;
    return convert(conversion ?? around.refuse(`${node.type} to "${name}" is not supported.`), finish)(
      node,
      compile,
      around,
    );
  };
}

/** The values of the elements of a structure; lists among them are opened. */
function childrenOf(value: Value): Value[] {
  if (isList(value)) return value.flatMap(childrenOf);
  const parts: readonly Value[] =
    value instanceof ModelNode
      ? value.children()
      : value instanceof Tuple
        ? Object.values(value.elements)
        : value instanceof Code
          ? [value.code, value.display, value.system, value.version]
          : value instanceof Concept
            ? [value.codes, value.display]
            : value instanceof Quantity
              ? [value.value, value.unit.code]
              : [];
  return parts.flatMap((part): readonly Value[] => (isList(part) ? part : [part]));
}

function descendantsOf(value: Value, depth = 0): Value[] {
  if (depth > limits.measures.descendantDepth) throw new CqlFault('Descendents of a structure that is too deep.');
  return childrenOf(value).flatMap((child) => [child, ...descendantsOf(child, depth + 1)]);
}

function below(compute: (value: Value) => Value[]): OperatorCompiler {
  return (node, compile) => {
    const source = compile(nodeIn(node, 'source') ?? operandsIn(node)[0]);
    return (frame) => {
      const value = source(frame);
      return value === null ? null : compute(value);
    };
  };
}

/** Source: CQL 1.5, Appendix B, "Type Operators". */
export const typeOperators: OperatorTable = {
  ...converters,
  As: as,
  Is: is,
  Convert: converting(),
  CanConvert: converting((value) => value !== null),
  Children: below(childrenOf),
  Descendents: below((value) => descendantsOf(value)),
};
