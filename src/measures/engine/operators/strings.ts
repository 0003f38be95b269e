import { limits } from '../../../base/limits.ts';
import { isList } from '../values/equality.ts';
import { CqlFault } from '../values/fault.ts';
import type { Value } from '../values/types.ts';
import { matchers } from './matching.ts';
import { binary, named, nary, nodeIn, operandsIn, unary } from './operands.ts';
import { isListNode } from './static-kind.ts';
import type { OperatorCompiler, OperatorTable } from './types.ts';

/** Of one text. */
function ofText(compute: (text: string) => Value): OperatorCompiler {
  return unary((value) => (typeof value === 'string' ? compute(value) : null));
}

/** Of two texts; null when either is. */
function ofTexts(compute: (left: string, right: string) => Value): (left: Value, right: Value) => Value {
  return (left, right) => (typeof left === 'string' && typeof right === 'string' ? compute(left, right) : null);
}

function combine(source: Value, separator: Value): Value {
  if (!isList(source)) return null;
  const texts = source.filter((text) => typeof text === 'string');
  return texts.length === 0 ? null : joined(texts, typeof separator === 'string' ? separator : '');
}

function joined(texts: readonly string[], separator: string): string {
  const length = texts.reduce((sum, text) => sum + text.length + separator.length, 0);
  if (length > limits.measures.textLength) throw new CqlFault('A text would become too long.');
  return texts.join(separator);
}

function split(text: Value, separator: Value): Value {
  if (typeof text !== 'string') return null;
  return typeof separator === 'string' ? text.split(separator) : [text];
}

/** Positions count code units of UTF-16, as everywhere in JavaScript. */
function substring(text: Value, start: Value, length: Value): Value {
  if (typeof text !== 'string' || typeof start !== 'number') return null;
  if (start < 0 || start >= text.length) return null;
  if (typeof length !== 'number') return text.slice(start);
  return length < 0 ? null : text.slice(start, start + length);
}

function indexer(source: Value, index: Value): Value {
  if (typeof index !== 'number' || index < 0) return null;
  if (typeof source === 'string') return source[index] ?? null;
  return isList(source) ? (source[index] ?? null) : null;
}

/** The length of a text, or of a list; 0 of a list that is null. */
const length: OperatorCompiler = (node, compile, around) => {
  const none = isListNode(operandsIn(node)[0]) ? 0 : null;
  const lengthOf = (value: Value): Value => (typeof value === 'string' || isList(value) ? value.length : none);
  return unary(lengthOf)(node, compile, around);
};

/** Source: CQL 1.5, Appendix B, "String Operators". */
export const strings: OperatorTable = {
  ...matchers,
  // `&` arrives as a Concatenate of Coalesces with ''.
  Concatenate: nary((...texts) => (texts.every((text) => typeof text === 'string') ? joined(texts, '') : null)),
  Combine: named(['source', 'separator'], combine),
  Split: named(['stringToSplit', 'separator'], split),
  Length: length,
  Upper: ofText((text) => text.toUpperCase()),
  Lower: ofText((text) => text.toLowerCase()),
  ToChars: ofText((text) => text.split('')),
  Indexer: binary(indexer),
  PositionOf: named(
    ['pattern', 'string'],
    ofTexts((pattern, text) => text.indexOf(pattern)),
  ),
  LastPositionOf: named(
    ['pattern', 'string'],
    ofTexts((pattern, text) => text.lastIndexOf(pattern)),
  ),
  Substring: (node, compile, around) => {
    const hasLength = nodeIn(node, 'length') !== undefined;
    const names = hasLength ? ['stringToSub', 'startIndex', 'length'] : ['stringToSub', 'startIndex'];
    return named(names, (text = null, start = null, count = null) => substring(text, start, count))(
      node,
      compile,
      around,
    );
  },
  StartsWith: binary(ofTexts((text, prefix) => text.startsWith(prefix))),
  EndsWith: binary(ofTexts((text, suffix) => text.endsWith(suffix))),
};
