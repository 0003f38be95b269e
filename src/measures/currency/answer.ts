import { hash } from 'node:crypto';
import type { SubjectResult, Unit } from '../types.ts';

/** Units that count alike, and how many they are. */
export interface CountedUnit {
  populations: string[];
  strata: Record<string, string>;
  observations: Record<string, number>;
  count: number;
}

/** What one child's answer comes to, without whose it is: children with equal answers share it. */
export interface Answer {
  groups: { group: string; units: CountedUnit[] }[];
  /** By id of the element; see `SubjectResult`. */
  supplemental: Record<string, string[]>;
}

/** An answer as it is kept: equal answers have equal text, whatever the order in which things were found. */
export interface KeptAnswer {
  /** A UUID in form only: the first half of the text's SHA-256. */
  key: string;
  text: string;
  /** By group, for each unit of the answer the episodes that it counts; absent when no group counts episodes. */
  episodes?: Record<string, string[][]>;
  /** By group, what was counted. */
  evidence?: Record<string, string[]>;
}

export function keptAnswer(result: SubjectResult): KeptAnswer {
  let episodes: Record<string, string[][]> | undefined;
  let evidence: Record<string, string[]> | undefined;
  const groups = result.groups.map(({ group, units, evidence: counted }) => {
    if (counted.length > 0) {
      evidence ??= {};
      evidence[group] = inOrder(counted);
    }
    const [only] = units;
    if (!only) return { group, units: none };
    if (units.length === 1 && only.resource === undefined) return { group, units: [counts(only)] };
    const alike = countAlike(units);
    if (alike.some(({ resources }) => resources.length > 0)) {
      episodes ??= {};
      episodes[group] = alike.map(({ resources }) => resources.sort());
    }
    return { group, units: alike.map(({ unit }) => unit) };
  });
  const supplemental: Record<string, readonly string[]> = {};
  for (const id of inOrder(Object.keys(result.supplemental))) supplemental[id] = inOrder(result.supplemental[id] ?? []);
  const text = JSON.stringify({ groups, supplemental });
  return { key: keyOf(text), text, ...(episodes && { episodes }), ...(evidence && { evidence }) };
}

const none: readonly CountedUnit[] = [];

/** Sorted; the very list when it is in order. */
function inOrder(texts: string[]): string[] {
  for (let n = 1; n < texts.length; n += 1) if ((texts[n - 1] ?? '') > (texts[n] ?? '')) return [...texts].sort();
  return texts;
}

interface Alike {
  unit: CountedUnit;
  resources: string[];
}

/** Units that count alike together, in an order that does not depend on how they were found. */
function countAlike(units: readonly Unit[]): Alike[] {
  const alike = new Map<string, Alike>();
  for (const unit of units) {
    const one = first(unit);
    const key = JSON.stringify(one.unit);
    const known = alike.get(key);
    if (known) {
      known.unit.count += 1;
      known.resources.push(...one.resources);
    } else alike.set(key, one);
  }
  return [...alike].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}

function first(unit: Unit): Alike {
  return { unit: counts(unit), resources: unit.resource === undefined ? [] : [unit.resource] };
}

function counts({ populations, strata, observations }: Unit): CountedUnit {
  return { populations, strata: sorted(strata), observations: sorted(observations), count: 1 };
}

/** The answer that `keptAnswer` wrote. */
export function parseAnswer(text: string): Answer {
  return JSON.parse(text) as Answer;
}

/** The units as the measure gave them, in the order of the kept answer. */
export function unitsOf(units: readonly CountedUnit[], episodes?: readonly (readonly string[])[]): Unit[] {
  return units.flatMap(({ count, ...unit }, place) =>
    Array.from({ length: count }, (_, n) => {
      const resource = episodes?.[place]?.[n];
      return { ...unit, ...(resource !== undefined && { resource }) };
    }),
  );
}

function keyOf(text: string): string {
  const hex = hash('sha256', text, 'hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  const names = Object.keys(record);
  const inTurn = inOrder(names);
  return inTurn === names ? record : Object.fromEntries(inTurn.map((name) => [name, record[name] as T]));
}
