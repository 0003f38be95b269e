import { type Steps, whole } from '../../base/in-slices.ts';
import { limits } from '../../base/limits.ts';
import type { Chart, Item } from './chart.ts';
import { areComparable } from './finding.ts';

/** Shorter phrases are in too many others. */
export const shortestPhrase = 4;

export type Pair = readonly [Item, Item];

export interface Candidates {
  pairs: readonly Pair[];
  /** False: there are more than can be looked at; then nothing may be said of the chart. */
  isWhole: boolean;
}

/**
 * The pairs of which anything could be found, each once: those that have a code, a phrase or the name of a medicine in common, one of which has a code
 * above the other's or all of the other's words, or that take two sides. All others need not be held against each other, so that the time is that of
 * the records and of what they have in common, not of all pairs there are.
 */
export function candidatePairs(chart: Pick<Chart, 'items' | 'ancestors'>): Candidates {
  return whole(pairSteps(chart));
}

/** The same, a record a step. */
export function* pairSteps({ items, ancestors }: Pick<Chart, 'items' | 'ancestors'>): Steps<Candidates> {
  const index = new Map<string, number[]>();
  for (const [at, item] of items.entries()) {
    for (const key of keysOf(item)) {
      const known = index.get(key);
      if (known) known.push(at);
      else index.set(key, [at]);
    }
    yield;
  }
  const pairs: Pair[] = [];
  const seen = new Set<number>();
  for (const [at, item] of items.entries()) {
    for (const key of soughtBy(item, ancestors, index)) {
      for (const other of index.get(key) ?? []) {
        const [first, second] = [items[Math.min(at, other)], items[Math.max(at, other)]];
        if (at === other || !first || !second || !areComparable(first, second)) continue;
        const number = Math.min(at, other) * items.length + Math.max(at, other);
        if (seen.has(number)) continue;
        if (seen.size >= limits.care.reconcilePairs) return { pairs: [], isWhole: false };
        seen.add(number);
        pairs.push([first, second]);
      }
      yield;
    }
  }
  return { pairs, isWhole: true };
}

/** What an item is found by. Kinds of records are held apart. */
function keysOf({ about, codes, words, phrase, concept, medicine, sides }: Item): Set<string> {
  return new Set([
    `${about} any`,
    ...[...codes, ...concept.codes].map((code) => `${about} code ${code}`),
    ...words.map((word) => `${about} word ${word}`),
    ...[phrase, concept.phrase].filter((one) => one !== '').map((one) => `${about} phrase ${one}`),
    ...(medicine && medicine.name !== '' ? [`${about} medicine ${medicine.name}`] : []),
    ...[...sides].map(([name, side]) => `${about} side ${name} ${side}`),
  ]);
}

/** What an item looks for. One of the two of a pair is enough: of words the shorter text, of hierarchies the code below. */
function soughtBy(item: Item, ancestors: Chart['ancestors'], index: ReadonlyMap<string, number[]>): Set<string> {
  const { about, codes, concept, phrase, medicine, sides } = item;
  const above = codes.flatMap((code) => [...(ancestors.get(code) ?? [])]);
  const rare =
    phrase.length >= shortestPhrase && item.resource.resourceType !== 'Task' ? rarest(item, index) : undefined;
  return new Set([
    ...(item.denied !== undefined ? [`${about} any`] : []),
    ...[...codes, ...concept.codes, ...above].map((code) => `${about} code ${code}`),
    ...(rare === undefined ? [] : [rare]),
    ...[phrase, concept.phrase].filter((one) => one !== '').map((one) => `${about} phrase ${one}`),
    ...(medicine && medicine.name !== '' ? [`${about} medicine ${medicine.name}`] : []),
    ...[...sides].map(([name, side]) => `${about} side ${name} ${1 - side}`),
  ]);
}

/** Who has all words of a text has the rarest of them too. */
function rarest({ about, words }: Item, index: ReadonlyMap<string, number[]>): string | undefined {
  const keys = words.map((word) => `${about} word ${word}`);
  const count = (key: string) => index.get(key)?.length ?? 0;
  return keys.reduce<string | undefined>(
    (least, key) => (least === undefined || count(key) < count(least) ? key : least),
    undefined,
  );
}
