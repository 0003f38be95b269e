import type { StringEntry, TokenEntry } from './index-entries.ts';
import { normalizeText } from './normalize.ts';
import { isObject } from './walk-path.ts';

/**
 * Tokens of one value (FHIR R4, search.html#token). A CodeableConcept gives one for each coding; its text is no token.
 * `type` is the FHIR datatype; other types than those of the table give none.
 */
export function tokensOf(param: string, type: string, value: unknown): TokenEntry[] {
  if (typeof value === 'string')
    return value === '' ? [] : [{ param, system: '', code: tokenCase(param, type, value) }];
  if (typeof value === 'boolean') return [{ param, system: '', code: String(value) }];
  if (!isObject(value)) return [];
  switch (type) {
    case 'CodeableConcept':
      return Array.isArray(value.coding) ? value.coding.flatMap((coding) => pair(param, coding, 'code')) : [];
    case 'Coding':
      return pair(param, value, 'code');
    case 'Identifier':
      return pair(param, value, 'value');
    case 'ContactPoint':
      return typeof value.value === 'string' ? [{ param, system: '', code: value.value }] : [];
    default:
      return [];
  }
}

/** Tokens of the datatype `string` are found in any case, ids in their own (FHIR R4, search.html#token). */
export function tokenCase(param: string, type: string, code: string): string {
  return type === 'string' && param !== '_id' ? code.toLowerCase() : code;
}

function pair(param: string, value: unknown, codeProperty: 'code' | 'value'): TokenEntry[] {
  if (!isObject(value)) return [];
  const system = typeof value.system === 'string' ? value.system : '';
  const code = value[codeProperty];
  const codeText = typeof code === 'string' ? code : '';
  return system === '' && codeText === '' ? [] : [{ param, system, code: codeText }];
}

/** The text that goes with a token: what `:text` searches (FHIR R4, search.html#token). */
export function textsOf(param: string, type: string, value: unknown): StringEntry[] {
  if (!isObject(value)) return [];
  const texts = new Set<string>();
  for (const text of textsIn(type, value)) if (typeof text === 'string') texts.add(normalizeText(text));
  // Found by their normalized form only, so one of those that differ in writing is enough.
  return [...texts].filter((text) => text !== '').map((text) => ({ param, text, exact: text, form: 'text' }));
}

function textsIn(type: string, value: Record<string, unknown>): unknown[] {
  switch (type) {
    case 'CodeableConcept': {
      const codings: unknown[] = Array.isArray(value.coding) ? value.coding : [];
      return [value.text, ...codings.map((coding) => (isObject(coding) ? coding.display : undefined))];
    }
    case 'Coding':
      return [value.display];
    case 'Identifier':
      return [isObject(value.type) ? value.type.text : undefined];
    default:
      return [];
  }
}
