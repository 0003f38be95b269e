import type { PairEntry } from '../../fhir/search/index-pairs.ts';
import type { NumberForm } from '../../fhir/search/number-entry.ts';
import { workedOut } from '../numbers.ts';
import { eachForm, sideName } from './token.ts';

/** An element with more combinations than this has marked tokens instead: a thousand codings on either side would be nine million. */
const maxCombinations = 1000;

/**
 * What composite parameters ask of one element. Where all parts are equalities, each combination of their forms is one token of the
 * resource. Where some are ranges or texts, rows of the side tables and tokens of the same element carry the same mark, XORed into
 * their names: a row's name, less what a row of that part is called, plus what a token of that part is called, is the token that
 * only its own element has.
 */
export function pairTokens(type: string, { key, element, parts }: PairEntry, numbers = workedOut): string[] {
  const forms = parts.map((entries) => {
    const found = new Set<string>();
    eachForm(entries, (_param, form, ...names) => found.add(formName([form, ...names])));
    return [...found];
  });
  const count = forms.reduce((product, found) => product * found.length, 1);
  if (count > 0 && count <= maxCombinations) {
    const combinations = forms.reduce<string[][]>(
      (before, found) => before.flatMap((names) => found.map((name) => [...names, name])),
      [[]],
    );
    return combinations.map((names) => pairToken(type, key, names, numbers));
  }
  const mark = elementMark(element, numbers);
  const marked = forms.flatMap((found, part) =>
    found.map((name) => numbers.xor(markedToken(type, key, part, name, numbers), mark)),
  );
  return count === 0 ? marked : [...marked, manyToken(type, key)];
}

/** A form as one text. */
export function formName(form: readonly string[]): string {
  return form.join('\u0001');
}

/** Says that a resource has an element with too many combinations, so that marked tokens have to be looked at. */
export function manyToken(type: string, key: string): string {
  return workedOut.hash('many', type, key);
}

/** The token of one combination of forms. */
export function pairToken(type: string, key: string, forms: readonly string[], { hash } = workedOut): string {
  return hash('pair', type, key, ...forms);
}

/** The token of one part of an element, less the element's mark. */
export function markedToken(type: string, key: string, part: number, form: string, { hash } = workedOut): string {
  return hash('marked', type, key, String(part), form);
}

/** The name of a part's rows in a side table, less the element's mark. */
export function markedSide(
  type: string,
  key: string,
  part: number,
  form: NumberForm | readonly [],
  numbers = workedOut,
): string {
  return sideName(numbers, type, key, String(part), ...form);
}

function elementMark(element: number, { hash } = workedOut): string {
  return hash('element', String(element));
}

interface PairRows {
  strings: { param: string; text: string; exact: string }[];
  dates: { param: string; start: string; end: string }[];
  numbers: { param: string; low: string; high: string }[];
}

/** The rows of a pair in the side tables. */
export function pairRows(type: string, { key, element, parts }: PairEntry, numbers = workedOut): PairRows {
  const rows: PairRows = { strings: [], dates: [], numbers: [] };
  const mark = elementMark(element, numbers);
  parts.forEach((entries, part) => {
    const name = (form: NumberForm | readonly []) => numbers.xor(markedSide(type, key, part, form, numbers), mark);
    for (const { form, low, high } of entries.numbers) rows.numbers.push({ param: name(form), low, high });
    for (const { start, end } of entries.dates) rows.dates.push({ param: name([]), start, end });
    for (const { text, exact, form } of entries.strings) {
      if (form === undefined) rows.strings.push({ param: name([]), text, exact });
    }
  });
  return rows;
}
