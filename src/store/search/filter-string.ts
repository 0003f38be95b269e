import { normalizeText } from '../../fhir/search/normalize.ts';
import { storable } from '../index-row.ts';
import type { Statement } from './statement.ts';

/** The length of the indexed beginning: `left(text, 64)` in 001-core.sql. */
const prefixLength = 64;

const beginning = (text: string) => [...text].slice(0, prefixLength).join('');

/**
 * The condition on a row `s` of resource_string for one text. Source: FHIR R4, search.html#string. Of the modifiers `equals`, `unequal`
 * and `ends-with` no URL can say: they are the operators of `_filter`.
 */
export function stringCondition(modifier: string | undefined, asked: string, statement: Statement, s = 's'): string {
  const text = storable(asked);
  if (modifier === 'contains') return `strpos(${s}.text, ${statement.add(text, 'text')}) > 0`;
  if (modifier === 'exact') {
    const key = statement.add(beginning(storable(normalizeText(text))), 'text');
    return `(left(${s}.text, ${prefixLength}) = ${key} AND ${s}.exact = ${statement.add(text, 'text')})`;
  }
  if (modifier === 'equals') {
    const key = statement.add(beginning(text), 'text');
    return `(left(${s}.text, ${prefixLength}) = ${key} AND ${s}.text = ${statement.add(text, 'text')})`;
  }
  if (modifier === 'unequal') return `${s}.text <> ${statement.add(text, 'text')}`;
  if (modifier === 'ends-with') {
    return `right(${s}.text, ${statement.add([...text].length, 'integer')}) = ${statement.add(text, 'text')}`;
  }
  const from = statement.add(beginning(text), 'text');
  // Bytewise order: everything that begins with the text lies below the text followed by the last character there is.
  const below = statement.add(`${beginning(text)}\u{10FFFF}`, 'text');
  const whole = text === beginning(text) ? '' : ` AND starts_with(${s}.text, ${statement.add(text, 'text')})`;
  return `(left(${s}.text, ${prefixLength}) >= ${from} AND left(${s}.text, ${prefixLength}) < ${below}${whole})`;
}
