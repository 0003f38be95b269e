import type { StringEntry } from '../../fhir/search/index-entries.ts';
import { workedOut } from '../numbers.ts';
import type { Statement } from './statement.ts';
import { sideName } from './token.ts';

/**
 * The text that goes with tokens, for `:text`: a row for each text of a resource, whatever the number of parameters that look at it
 * (an Observation's code has three names). Which ones is in `exact`.
 */
export function tokenTextRows(
  type: string,
  strings: readonly StringEntry[],
  numbers = workedOut,
): { param: string; text: string; exact: string }[] {
  const params = new Map<string, string[]>();
  for (const { form, param, text } of strings) {
    if (form === 'text') params.set(text, [...(params.get(text) ?? []), param]);
  }
  return [...params].map(([text, names]) => ({
    param: tokenTexts(type, numbers),
    text,
    exact: ` ${names.join(' ')} `,
  }));
}

/** The name of these rows in resource_string; no parameter has an empty one. */
export function tokenTexts(type: string, numbers = workedOut): string {
  return sideName(numbers, type, '', 'text');
}

/** The condition on a row `s` that its text goes with a value of the parameter. */
export function isTextOf(code: string, statement: Statement, s = 's'): string {
  return `strpos(${s}.exact, ${statement.add(` ${code} `, 'text')}) > 0`;
}
