export type Outcome = 'new' | 'updated' | 'unchanged' | 'linked' | 'echo' | 'quarantined';

/** By resource type, how many of each outcome. */
export type Counts = Record<string, Partial<Record<Outcome, number>>>;

export function count(counts: Counts, type: string, outcome: Outcome): void {
  counts[type] ??= {};
  const ofType = counts[type];
  ofType[outcome] = (ofType[outcome] ?? 0) + 1;
}

export function addCounts(into: Counts, more: Counts): void {
  for (const [type, outcomes] of Object.entries(more)) {
    into[type] ??= {};
    const ofType = into[type];
    for (const outcome of ['new', 'updated', 'unchanged', 'linked', 'echo', 'quarantined'] as const) {
      const added = outcomes[outcome];
      if (added !== undefined) ofType[outcome] = (ofType[outcome] ?? 0) + added;
    }
  }
}
