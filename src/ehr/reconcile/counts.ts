export type Outcome = 'new' | 'updated' | 'unchanged' | 'linked' | 'echo' | 'quarantined';

/** By resource type, how many of each outcome. */
export type Counts = Record<string, Partial<Record<Outcome, number>>>;

export interface Counter {
  /** `outcomes`: by `Type/<id at the site>`, of one slice. */
  add(outcomes: ReadonlyMap<string, Outcome>): void;
  counts(): Counts;
}

/**
 * Adds up a run. A resource of a shared type (a practitioner of a thousand children) is in many slices and counts once, with the
 * outcome of the first.
 */
export function createCounter(isShared: (type: string) => boolean): Counter {
  const counts: Counts = {};
  const counted = new Set<string>();
  return {
    add(outcomes) {
      for (const [key, outcome] of outcomes) {
        const type = key.slice(0, key.indexOf('/'));
        if (isShared(type)) {
          if (counted.has(key)) continue;
          counted.add(key);
        }
        counts[type] ??= {};
        const ofType = counts[type];
        ofType[outcome] = (ofType[outcome] ?? 0) + 1;
      }
    },
    counts: () => counts,
  };
}
