import type { TypedValue } from '@medplum/core';
import { includes } from './same.ts';

/** Each item once. */
export function distinct(items: readonly TypedValue[]): TypedValue[] {
  const kept: TypedValue[] = [];
  const simple = new Set<unknown>();
  for (const item of items) {
    const value: unknown = item.value?.valueOf();
    if (typeof value === 'string') {
      if (simple.has(value)) continue;
      simple.add(value);
    } else if (includes(kept, item)) continue;
    kept.push(item);
  }
  return kept;
}

export function isDistinct(items: readonly TypedValue[]): boolean {
  return distinct(items).length === items.length;
}

export function intersection(items: readonly TypedValue[], others: readonly TypedValue[]): TypedValue[] {
  return distinct(items.filter((item) => includes(others, item)));
}

export function without(items: readonly TypedValue[], others: readonly TypedValue[]): TypedValue[] {
  return items.filter((item) => !includes(others, item));
}

export function isSubset(items: readonly TypedValue[], others: readonly TypedValue[]): boolean {
  return items.every((item) => includes(others, item));
}
