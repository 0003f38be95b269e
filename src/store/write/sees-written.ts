import type { IndexRow } from '../index-row.ts';
import type { StoreParts } from '../parts.ts';
import { meetsOne } from '../sees.ts';
import type { Stored, Visibility } from '../types.ts';

/**
 * `sees` for a version that this transaction has made itself: whose it is was found when its index was, and its row says the same.
 */
export function seesWritten(
  { definitions }: Pick<StoreParts, 'definitions'>,
  visibility: Visibility,
  stored: Stored,
  { patients, tokens }: Pick<IndexRow, 'patients' | 'tokens'>,
): boolean {
  if (visibility.kind === 'all') return true;
  return meetsOne(definitions, visibility.grants, stored.type, () => ({ patients, tokens, categories: 0n }));
}
