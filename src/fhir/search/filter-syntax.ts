import { type Err, fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';

/** A `_filter` expression as it is written. */
export type FilterNode =
  | { kind: 'and' | 'or'; of: FilterNode[] }
  | { kind: 'not'; of: FilterNode }
  | { kind: 'test'; path: FilterStep[]; operator: string; value: string };

/** One name of a path, `patient[gender eq male].name`: `within` is what stands in the brackets. */
export interface FilterStep {
  name: string;
  within?: FilterNode;
}

const operators: ReadonlySet<string> = new Set('eq ne co sw ew gt lt ge le ap sa eb pr po ss sb in ni re'.split(' '));

interface Reader {
  text: string;
  at: number;
  depth: number;
  tests: number;
}

/**
 * Reads a filter (FHIR R4, search_filter.html). `and` and `or` have no precedence: they group from left to right. Error `invalid`:
 * the place where it stops making sense, never what stands there.
 */
export function readFilter(text: string): Result<FilterNode> {
  const { filterLength } = limits.search;
  if (text.length > filterLength) {
    return fail('invalid', `'_filter' may have ${filterLength} characters.`, { code: 'too-costly' });
  }
  const reader: Reader = { text, at: 0, depth: 0, tests: 0 };
  const node = readLogical(reader);
  if (!node.ok) return node;
  skip(reader);
  return reader.at === text.length ? node : malformed(reader, 'the end');
}

function malformed({ at }: Reader, expected: string): Err {
  return fail('invalid', `'_filter' is not understood at character ${at + 1}: ${expected} was expected.`, {
    code: 'value',
  });
}

function skip(reader: Reader): void {
  while (/\s/.test(reader.text.charAt(reader.at))) reader.at += 1;
}

/** The match of a sticky pattern here, which is then behind us. */
function take(reader: Reader, pattern: RegExp): string | undefined {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0];
  if (found !== undefined) reader.at += found.length;
  return found;
}

function readLogical(reader: Reader): Result<FilterNode> {
  const first = readPrimary(reader);
  if (!first.ok) return first;
  let left = first.value;
  for (;;) {
    skip(reader);
    const word = take(reader, /(?:and|or)(?=[\s(])/y);
    if (word === undefined) return ok(left);
    const kind = word === 'and' ? 'and' : 'or';
    const right = readPrimary(reader);
    if (!right.ok) return right;
    left = left.kind === kind ? { kind, of: [...left.of, right.value] } : { kind, of: [left, right.value] };
  }
}

function readPrimary(reader: Reader): Result<FilterNode> {
  skip(reader);
  const isNot = take(reader, /not(?=\s*\()/y) !== undefined;
  skip(reader);
  if (!isNot && reader.text[reader.at] !== '(') return readTest(reader);
  const inner = readBetween(reader, ')');
  if (!inner.ok || !isNot) return inner;
  return ok({ kind: 'not', of: inner.value });
}

/** A filter between brackets, the opening one next. */
function readBetween(reader: Reader, close: ')' | ']'): Result<FilterNode> {
  const { filterDepth } = limits.search;
  reader.at += 1;
  reader.depth += 1;
  if (reader.depth > filterDepth) {
    return fail('invalid', `'_filter' may have ${filterDepth} brackets within each other.`, { code: 'too-costly' });
  }
  const inner = readLogical(reader);
  if (!inner.ok) return inner;
  skip(reader);
  if (reader.text[reader.at] !== close) return malformed(reader, `'${close}'`);
  reader.at += 1;
  reader.depth -= 1;
  return inner;
}

function readTest(reader: Reader): Result<FilterNode> {
  const { filterTests } = limits.search;
  reader.tests += 1;
  if (reader.tests > filterTests) {
    return fail('invalid', `'_filter' may have ${filterTests} tests.`, { code: 'too-costly' });
  }
  const path = readPath(reader);
  if (!path.ok) return path;
  skip(reader);
  const operator = take(reader, /[a-z]{2}(?=\s)/y);
  if (operator === undefined || !operators.has(operator)) return malformed(reader, 'an operator such as eq');
  skip(reader);
  const value = readValue(reader);
  return value.ok ? ok({ kind: 'test', path: path.value, operator, value: value.value }) : value;
}

function readPath(reader: Reader): Result<FilterStep[]> {
  const path: FilterStep[] = [];
  for (;;) {
    const name = take(reader, /[A-Za-z_][A-Za-z0-9_-]*/y);
    if (name === undefined) return malformed(reader, 'the name of a search parameter');
    const step: FilterStep = { name };
    path.push(step);
    if (reader.text[reader.at] === '[') {
      const within = readBetween(reader, ']');
      if (!within.ok) return within;
      step.within = within.value;
      if (reader.text[reader.at] !== '.') return malformed(reader, "'.'");
    }
    if (reader.text[reader.at] !== '.') return ok(path);
    reader.at += 1;
  }
}

/** A JSON string, or everything up to white space or a closing bracket. */
function readValue(reader: Reader): Result<string> {
  if (reader.text[reader.at] !== '"') {
    const token = take(reader, /[^\s)\]]+/y);
    return token === undefined ? malformed(reader, 'a value') : ok(token);
  }
  const start = reader.at;
  const quoted = take(reader, /"(?:[^"\\]|\\.)*"/sy);
  const string = quoted === undefined ? undefined : parseString(quoted);
  if (string !== undefined) return ok(string);
  reader.at = start;
  return malformed(reader, 'a string as in JSON');
}

function parseString(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
