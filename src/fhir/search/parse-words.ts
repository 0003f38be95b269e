import { type Err, fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { splitEscaped, unescapeValue } from './escapes.ts';
import type { CriterionContext } from './parse-context.ts';
import { notSupported } from './parse-filter.ts';
import type { Criterion, SearchValue } from './query.ts';
import { type WordExpression, wordsOf } from './words.ts';

/** How the two are called, and what they read. */
export const wordParams = { _text: 'narrative', _content: 'content' } as const;

interface Reader {
  name: string;
  tokens: string[];
  at: number;
  depth: number;
}

/**
 * `_text` and `_content`: words (all of them), "phrases in quotes", AND, OR, NOT and brackets; AND binds closer than OR. Case and
 * accents do not count. Source: FHIR R4, search.html#content, which leaves the grammar open.
 */
export function parseWords(context: CriterionContext, _type: string, name: string, value: string): Result<Criterion> {
  if (name !== '_text' && name !== '_content') {
    return fail('invalid', "Search parameters '_text' and '_content' have no modifiers.");
  }
  // Behind a join the candidates would have to be read for every reference that leads to them.
  if (context.depth > 0) return notSupported(`Search parameter '${name}' is not supported behind chains and _has.`);
  const { textLength } = limits.search;
  if (value.length > textLength) {
    return fail('invalid', `Search parameter '${name}' may have ${textLength} characters.`, { code: 'too-costly' });
  }
  const values: SearchValue[] = [];
  for (const alternative of splitEscaped(value, ',').map(unescapeValue)) {
    const read = readExpression(name, alternative);
    if (!read.ok) return read;
    values.push({ kind: 'words', over: wordParams[name], expression: read.value });
  }
  return ok({ kind: 'filter', param: { code: name, kind: 'special', expression: '' }, values });
}

function readExpression(name: string, text: string): Result<WordExpression> {
  const tokens = text.match(/"[^"]*"|[()]|[^\s()"]+|"/g) ?? [];
  const reader: Reader = { name, tokens, at: 0, depth: 0 };
  const read = readOr(reader);
  return read.ok && reader.at < tokens.length ? malformed(reader) : read;
}

function malformed({ name }: Reader): Err {
  const text = `Search parameter '${name}' takes words, "phrases", AND, OR, NOT and brackets.`;
  return fail('invalid', text, { code: 'value' });
}

const isWord = (reader: Reader, word: string) => reader.tokens[reader.at]?.toUpperCase() === word;

function readOr(reader: Reader): Result<WordExpression> {
  const first = readAnd(reader);
  if (!first.ok) return first;
  const of = [first.value];
  while (isWord(reader, 'OR')) {
    reader.at += 1;
    const next = readAnd(reader);
    if (!next.ok) return next;
    of.push(next.value);
  }
  return ok(of.length === 1 ? first.value : { kind: 'or', of });
}

function readAnd(reader: Reader): Result<WordExpression> {
  const of: WordExpression[] = [];
  for (;;) {
    const next = readFactor(reader);
    if (!next.ok) return next;
    of.push(next.value);
    if (isWord(reader, 'AND')) reader.at += 1;
    else if (reader.at >= reader.tokens.length || isWord(reader, 'OR') || isWord(reader, ')')) break;
  }
  const [only, ...others] = of;
  return ok(only && others.length === 0 ? only : { kind: 'and', of });
}

function readFactor(reader: Reader): Result<WordExpression> {
  const token = reader.tokens[reader.at];
  if (token === undefined || token === ')' || token === '"' || isWord(reader, 'AND') || isWord(reader, 'OR')) {
    return malformed(reader);
  }
  reader.at += 1;
  if (token.toUpperCase() === 'NOT') return deeper(reader, negated);
  if (token === '(') return deeper(reader, bracketed);
  const words = wordsOf(token);
  return words.length === 0 ? malformed(reader) : ok({ kind: 'phrase', words });
}

function deeper(reader: Reader, read: (reader: Reader) => Result<WordExpression>): Result<WordExpression> {
  const { filterDepth } = limits.search;
  reader.depth += 1;
  if (reader.depth > filterDepth) {
    const text = `Search parameter '${reader.name}' may have ${filterDepth} brackets within each other.`;
    return fail('invalid', text, { code: 'too-costly' });
  }
  const inner = read(reader);
  reader.depth -= 1;
  return inner;
}

function negated(reader: Reader): Result<WordExpression> {
  const of = readFactor(reader);
  return of.ok ? ok({ kind: 'not', of: of.value }) : of;
}

function bracketed(reader: Reader): Result<WordExpression> {
  const inner = readOr(reader);
  if (!inner.ok) return inner;
  if (reader.tokens[reader.at] !== ')') return malformed(reader);
  reader.at += 1;
  return inner;
}
