import { limits } from '../base/limits.ts';

/** Longest part of a word that counts; longer words are found by their beginning. */
const longest = 100;

/** The words of a text, without accents and case. */
export function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return (plain.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => word.slice(0, longest));
}

/** The words of the `filter` of an expansion; further words than the limit narrow no more. */
export function filterWords(filter: string | undefined): string[] {
  return wordsOf(filter ?? '').slice(0, limits.terminology.filterWords);
}

/** True when each of `words` begins some word of the code or the display. */
export function matchesWords(words: readonly string[], code: string, display: string | undefined): boolean {
  if (words.length === 0) return true;
  const own = wordsOf(`${display ?? ''} ${code}`);
  return words.every((word) => own.some((one) => one.startsWith(word)));
}
