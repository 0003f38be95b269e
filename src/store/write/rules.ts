import type { StoreParts } from '../parts.ts';
import type { WriteCheck, WriteEffect } from '../types.ts';

/** The checks and effects that concern a type, in their order. There are a hundred of them, and a type has a few. */
export interface Rules {
  checks(type: string): readonly WriteCheck[];
  effects(type: string): readonly WriteEffect[];
}

export function createRules({ checks, effects }: Pick<StoreParts, 'checks' | 'effects'>): Rules {
  return { checks: byType(checks), effects: byType(effects) };
}

function byType<T extends { types: readonly string[] | 'all' }>(all: readonly T[]): (type: string) => readonly T[] {
  const known = new Map<string, readonly T[]>();
  return (type) => {
    const found = known.get(type) ?? all.filter(({ types }) => types === 'all' || types.includes(type));
    known.set(type, found);
    return found;
  };
}
