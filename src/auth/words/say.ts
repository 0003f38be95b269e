import { type Html, html } from '../html.ts';
import type { Words } from './en.ts';

/** A sentence with its `{placeholders}` filled: text is escaped, markup stays what it is. A placeholder without a part is a fault of ours. */
export function say(sentence: string, parts: Readonly<Record<string, Html | string | number>>): Html {
  const pieces = sentence.split(/\{(\w+)\}/).map((piece, at) => {
    if (at % 2 === 0) return html`${piece}`;
    const part = parts[piece];
    if (part === undefined) throw new Error(`a sentence wants {${piece}}`);
    return html`${part}`;
  });
  return html`${pieces}`;
}

/** The same as plain text, for a title or a label. */
export function sayText(sentence: string, parts: Readonly<Record<string, string | number>>): string {
  return sentence.replace(/\{(\w+)\}/g, (_all, name: string) => String(parts[name] ?? ''));
}

/** The words of a table for a code; undefined when it has none. */
export function wordsFor(table: Readonly<Record<string, string>>, code: string): string | undefined {
  return Object.hasOwn(table, code) ? table[code] : undefined;
}

/** What an app is called: ours in the reader's language, any other as it calls itself. */
export function appName({ id, name }: { id: string; name: string }, words: Words): string {
  return wordsFor(words.apps, id) ?? name;
}
