import type { Resource } from '../types.ts';
import { narrativeText } from './narrative-text.ts';
import { normalizeText } from './normalize.ts';

/** What `_text` and `_content` ask: words that follow one another, and what is made of them. */
export type WordExpression =
  | { kind: 'phrase'; words: readonly string[] }
  | { kind: 'and' | 'or'; of: readonly WordExpression[] }
  | { kind: 'not'; of: WordExpression };

/** The words of a text: letters and digits, in the form in which strings are compared. */
export function wordsOf(text: string): string[] {
  return normalizeText(text).match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** True when the narrative (`_text`), or any text of the resource (`_content`), has the words; a phrase stays within one element. */
export function hasWords(resource: Resource, over: 'narrative' | 'content', expression: WordExpression): boolean {
  const texts = over === 'narrative' ? narrativesOf(resource) : textsOf(resource);
  return holds(expression, texts.map(wordsOf));
}

function holds(expression: WordExpression, texts: readonly string[][]): boolean {
  switch (expression.kind) {
    case 'phrase':
      return texts.some((words) => hasPhrase(words, expression.words));
    case 'not':
      return !holds(expression.of, texts);
    case 'and':
      return expression.of.every((one) => holds(one, texts));
    case 'or':
      return expression.of.some((one) => holds(one, texts));
  }
}

function hasPhrase(words: readonly string[], phrase: readonly string[]): boolean {
  for (let at = words.indexOf(phrase[0] ?? ''); at >= 0; at = words.indexOf(phrase[0] ?? '', at + 1)) {
    if (phrase.every((word, offset) => words[at + offset] === word)) return true;
  }
  return false;
}

function narrativesOf({ text }: Resource): string[] {
  const div = typeof text === 'object' && text !== null && 'div' in text ? text.div : undefined;
  return typeof div === 'string' ? [narrativeText(div)] : [];
}

/** Every text and number in the resource, contained ones included, without what is encoded. */
function textsOf(value: unknown, name = ''): string[] {
  if (typeof value === 'string') {
    if (name === 'div') return [narrativeText(value)];
    return name === 'data' ? [] : [value];
  }
  if (typeof value === 'number' || JSON.isRawJSON(value)) return [JSON.stringify(value)];
  if (Array.isArray(value)) return value.flatMap((item) => textsOf(item, name));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => textsOf(item, key));
}
