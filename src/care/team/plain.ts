import type { Reader, Stored, Visibility } from '../../store/types.ts';

const everyCategory = (1n << 62n) - 1n;
const plain: Visibility = { kind: 'limited', grants: [{ types: 'any', hides: everyCategory }] };

/**
 * True of what is in no privacy category. Only that may bring somebody to a care team: the team is seen by more people than a confidential
 * record is, and its members would tell what the record is about.
 */
export async function isPlain(tx: Pick<Reader, 'sees'>, stored: Stored | undefined): Promise<boolean> {
  return stored !== undefined && (await tx.sees(plain, stored));
}
