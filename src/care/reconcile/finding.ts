import { type About, has, type Item } from './chart.ts';
import { isDenied } from './no-known-allergy.ts';

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

/**
 * Two records are held against each other when they come from different places, or were both written here; and where one says that there is none of
 * what the other names: that cannot both hold, whoever says it.
 */
export function areComparable(a: Item, b: Item): boolean {
  return a.about === b.about && (a.origin !== b.origin || a.origin === undefined || deniesOther(a, b));
}

/** One says that no such allergy is known, and the other names one that was not ruled out. */
export function deniesOther(a: Item, b: Item): boolean {
  const [none, other] = a.denied === undefined ? [b, a] : [a, b];
  if (none.denied === undefined || other.denied !== undefined || has(other.resource.verificationStatus, 'refuted'))
    return false;
  return isDenied(none.denied, other.resource);
}
