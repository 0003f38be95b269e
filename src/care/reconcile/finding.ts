import type { About, Item } from './chart.ts';

/** What may be wrong between or with records (decision D19). */
export const findingKinds = ['conflict', 'duplicate', 'overlap', 'orphan', 'stale', 'missing-owner'] as const;
export type FindingKind = (typeof findingKinds)[number];

/** What somebody may decide about a row. profiles/code-systems/reconciliation-choice.json says each in words. */
export const choices = ['same', 'keep-one', 'apart', 'drop', 're-create', 'link-goal', 'assign-owner'] as const;
export type Choice = (typeof choices)[number];

/** One thing found, about one record or about two. */
export interface Finding {
  kind: FindingKind;
  about: About;
  /** One sentence for a person; never quoting anybody. */
  why: string;
  members: readonly [Item] | readonly [Item, Item];
}

/** Two records are held against each other when they come from different places, or were both written here. */
export function areComparable(a: Item, b: Item): boolean {
  return a.about === b.about && (a.origin !== b.origin || a.origin === undefined);
}
