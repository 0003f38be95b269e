import type { CategoryRow } from '../categories.ts';
import type { IndexRow } from '../index-row.ts';
import type { StoreParts } from '../parts.ts';
import { meetsOne } from '../sees.ts';
import type { Stored, Visibility } from '../types.ts';
import { grantsOn } from '../visibility.ts';

/**
 * `sees` for a version that this transaction has made itself: what it is found by is known, and its row says the same. Undefined when only
 * the row knows: which privacy categories it inherits.
 */
export function seesWritten(
  { definitions }: Pick<StoreParts, 'definitions'>,
  visibility: Visibility,
  stored: Stored,
  { index, categories }: { index: IndexRow; categories: CategoryRow },
): boolean | undefined {
  if (visibility.kind === 'all') return true;
  const isRowAsked = grantsOn(definitions, visibility.grants, stored.type).some(({ hides = 0n }) => hides !== 0n);
  if (isRowAsked && (stored.deleted || categories.sources.length > 0)) return undefined;
  const { patients, subjects, tokens } = index;
  return meetsOne(definitions, visibility.grants, stored.type, () => ({
    id: stored.id,
    patients,
    subjects,
    tokens,
    categories: categories.own,
  }));
}
