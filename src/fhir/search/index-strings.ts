import type { StringEntry } from './index-entries.ts';
import { normalizeText } from './normalize.ts';
import { isObject } from './walk-path.ts';

const parts: Record<string, readonly string[]> = {
  HumanName: ['text', 'family', 'given', 'prefix', 'suffix'],
  Address: ['text', 'line', 'city', 'district', 'state', 'postalCode', 'country'],
};

/** Strings of one value: every part of a HumanName or Address by itself (FHIR R4, search.html#string). */
export function stringsOf(param: string, type: string, value: unknown): StringEntry[] {
  if (typeof value === 'string') {
    const text = normalizeText(value);
    return text === '' ? [] : [{ param, text, exact: value }];
  }
  if (!isObject(value)) return [];
  return (parts[type] ?? []).flatMap((part) => {
    const found = value[part];
    return (Array.isArray(found) ? found : [found]).flatMap((item) =>
      typeof item === 'string' ? stringsOf(param, 'string', item) : [],
    );
  });
}
