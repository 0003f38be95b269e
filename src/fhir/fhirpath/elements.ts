import { getTypedPropertyValueWithPath, type TypedValue } from '@medplum/core';

/** The elements of a name directly within an item: primitives with their extensions, also those that have extensions alone (`_date`). */
export function elementsOf(item: TypedValue, name: string): TypedValue[] {
  const given = getTypedPropertyValueWithPath(item, name);
  const found = (Array.isArray(given) ? given : [given]).filter(({ value }) => value !== undefined && value !== null);
  const beside = besideOf(item.value, name);
  if (beside === undefined) return found;
  const besides: unknown[] = Array.isArray(beside) ? beside : [beside];
  return Array.from({ length: Math.max(found.length, besides.length) }, (_, at) =>
    withExtensions(found[at] ?? { type: 'string', value: undefined }, besides[at]),
  ).filter(({ value }) => value !== undefined);
}

/** A primitive as a plain value; undefined for one that has extensions and no value. */
export function plainValue({ value }: TypedValue): unknown {
  const plain: unknown = value?.valueOf();
  return isBare(plain) ? undefined : plain;
}

/** What there is of a primitive without a value. */
export function isBare(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const names = Object.keys(value);
  return names.length > 0 && names.every((name) => name === 'extension' || name === 'id') && 'extension' in value;
}

function besideOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const key in value) {
    if (!key.startsWith(`_${name}`)) continue;
    const rest = key.slice(name.length + 1);
    if (rest === '' || /^[A-Z]/.test(rest)) return Reflect.get(value, key);
  }
  return undefined;
}

function withExtensions(item: TypedValue, beside: unknown): TypedValue {
  if (typeof beside !== 'object' || beside === null || !('extension' in beside)) return item;
  return { ...item, value: Object.assign(Object(item.value?.valueOf() ?? {}), { extension: beside.extension }) };
}
