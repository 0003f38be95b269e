import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { limits } from '../../src/base/limits.ts';
import { inlineLabelUrl, typesWithParts } from '../../src/fhir/labelled-parts.ts';
import type { Visibility } from '../../src/store/types.ts';
import { createTestStore, type TestStore, testActor } from '../support/database.ts';
import { unwrap } from '../support/house.ts';

/** Labels are the bits of categories themselves, as text. */
function categorize(value: unknown): bigint {
  if (Array.isArray(value)) return value.reduce((sum: bigint, one) => sum | categorize(one), 0n);
  if (typeof value !== 'object' || value === null) return 0n;
  const { code } = value as { code?: unknown };
  const own = typeof code === 'string' && /^\d+$/.test(code) ? BigInt(code) : 0n;
  return Object.values(value).reduce((sum: bigint, one) => sum | categorize(one), own);
}

const itemOf = (bits: number) => ({
  linkId: `${bits}`,
  extension: [{ url: inlineLabelUrl, valueCoding: { code: `${bits}` } }],
});

let home: TestStore;
beforeAll(async () => {
  home = await createTestStore({ categorize, inherits: {} });
});
afterAll(() => home.drop());

describe('PP-34 a record whose parts have many sets of categories', () => {
  /** Two grants show it: of a part that one of them would hide, the database is asked whether the other shows it. */
  const visibility: Visibility = {
    kind: 'limited',
    grants: [
      { types: 'any', hides: 1n },
      { types: 'any', hides: 2n },
    ],
    partly: { types: typesWithParts, marksSubsetted: true, letsKnow: 0n },
  };
  const toldOf = async (sets: number) => {
    const form = {
      resourceType: 'QuestionnaireResponse' as const,
      id: `form-${sets}`,
      status: 'completed',
      item: Array.from({ length: sets }, (_, n) => itemOf(n + 1)),
    };
    unwrap(await home.store.transact(testActor, (tx) => tx.update(form)));
    const read = await home.store.readSeen('QuestionnaireResponse', form.id, visibility);
    const items: { linkId: string }[] = JSON.parse(read?.json ?? '{"item":[]}').item;
    return items.map(({ linkId }) => Number(linkId));
  };
  const upTo = (sets: number) => Array.from({ length: sets }, (_, n) => n + 1);

  test('PP-34 is told by each of the grants, up to the bound', async () => {
    const sets = limits.access.partsAsked;
    expect(await toldOf(sets)).toEqual(upTo(sets).filter((bits) => (bits & 3) !== 3));
  });

  test('PP-34 is told beyond it as far as every grant shows its parts', async () => {
    const sets = limits.access.partsAsked + 1;
    expect(await toldOf(sets)).toEqual(upTo(sets).filter((bits) => (bits & 3) === 0));
  });
});
