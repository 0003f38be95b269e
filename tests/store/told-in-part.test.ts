import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ok } from '../../src/base/errors.ts';
import { inlineLabelUrl, typesWithParts } from '../../src/fhir/labelled-parts.ts';
import { createExtractor } from '../../src/fhir/search/extract.ts';
import { parseSearch } from '../../src/fhir/search/parse.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { relabel } from '../../src/store/reindex/relabel.ts';
import { indexed, readStretch, writeIndex } from '../../src/store/reindex/rewrite.ts';
import type { Grant, Partly, Visibility } from '../../src/store/types.ts';
import { createTestStore, type TestStore, testActor } from '../support/database.ts';
import { unwrap } from '../support/house.ts';

/** What of a record with labelled parts is told (PP-34), held against a reading of plain objects, over random records and grants. */

const bits: Record<string, bigint> = { one: 1n, two: 2n, four: 4n };
const labels = fc.subarray(Object.keys(bits), { maxLength: 1 });

interface Item {
  text: string;
  labels: string[];
  items: Item[];
}
interface Form {
  id: number;
  patient: string;
  own: string[];
  from: string[];
  items: Item[];
}
const items: fc.Arbitrary<Item[]> = fc.letrec<{ items: Item[] }>((tie) => ({
  items: fc.array(
    fc.record({
      text: fc.uuid(),
      labels: fc.oneof({ weight: 2, arbitrary: fc.constant<string[]>([]) }, { weight: 1, arbitrary: labels }),
      items: fc.oneof({ weight: 2, arbitrary: fc.constant<Item[]>([]) }, { weight: 1, arbitrary: tie('items') }),
    }),
    { maxLength: 3, depthIdentifier: 'items' },
  ),
})).items;
const often = fc.oneof({ weight: 4, arbitrary: fc.constant<string[]>([]) }, { weight: 1, arbitrary: labels });
const forms: fc.Arbitrary<Form> = fc.record({
  id: fc.nat({ max: 9 }),
  patient: fc.constantFrom('a', 'b'),
  own: often,
  from: often,
  items,
});
const inline = (codes: string[]) =>
  codes.length > 0 && { extension: codes.map((code) => ({ url: inlineLabelUrl, valueCoding: { code } })) };
const itemOf = ({ text, labels: codes, items: inner }: Item): object => ({
  linkId: text,
  ...inline(codes),
  ...(inner.length > 0 && { item: inner.map(itemOf) }),
});
const recordOf = ({ id, patient, own, from, items: all }: Form): Resource => ({
  resourceType: 'QuestionnaireResponse',
  id: `form-${id}`,
  meta: { security: own.map((code) => ({ code })) },
  status: 'completed',
  subject: { reference: `Patient/${patient}` },
  ...(from.length > 0 && { encounter: { reference: `Encounter/${from[0]}` } }),
  ...(all.length > 0 && { item: all.map(itemOf) }),
});

/** Every label anywhere, as the policy would read them. */
function categorize(value: unknown): bigint {
  if (Array.isArray(value)) return value.reduce((sum: bigint, one) => sum | categorize(one), 0n);
  if (typeof value !== 'object' || value === null) return 0n;
  const { code } = value as { code?: unknown };
  const own = typeof code === 'string' ? (bits[code] ?? 0n) : 0n;
  return Object.values(value).reduce((sum: bigint, one) => sum | categorize(one), own);
}

const grants: fc.Arbitrary<Grant[]> = fc.array(
  fc
    .record({
      patients: fc.option(fc.subarray(['a', 'b']), { nil: undefined }),
      hides: fc.bigInt({ min: 0n, max: 7n }),
    })
    .map(({ patients, hides }) => ({ types: 'any', hides, ...(patients && { patients }) })),
  { maxLength: 3 },
);
const partly: Partly = { types: typesWithParts, marksSubsetted: true, letsKnow: 2n };
const bitsOf = (codes: string[]) => codes.reduce((sum, code) => sum | (bits[code] ?? 0n), 0n);

/** The texts of a form that are told by these grants, and whether something is not; undefined when nothing is told of it at all. */
function told({ patient, own, from, items: all }: Form, given: readonly Grant[]) {
  const whole = bitsOf([...own, ...from]);
  const shows = (of: bigint) =>
    given.some(({ patients, hides = 0n }) => (patients?.includes(patient) ?? true) && (hides & of) === 0n);
  if (!shows(whole)) return undefined;
  let isPart = false;
  // What is not labelled within a part is of the part.
  const within = (one: Item): string[] => [
    ...one.labels,
    ...one.items.filter((inner) => inner.labels.length === 0).flatMap(within),
  ];
  const textsOf = (one: Item): string[] => {
    if (one.labels.length > 0 && !shows(whole | bitsOf(within(one)))) {
      isPart = true;
      return [];
    }
    return [one.text, ...one.items.flatMap(textsOf)];
  };
  const texts = all.flatMap(textsOf);
  return { texts, isPart };
}

const linksIn = (value: unknown): string[] =>
  [...JSON.stringify(value).matchAll(/"linkId":"([^"]+)"/g)].map(([, link = '']) => link);

let home: TestStore;
let known: Map<string, Form>;
beforeAll(async () => {
  home = await createTestStore({ categorize, inherits: { QuestionnaireResponse: ['encounter'] } });
  known = new Map();
  for (const code of Object.keys(bits)) {
    const meta = { security: [{ code }] };
    unwrap(
      await home.store.transact(testActor, (tx) =>
        tx.update({ resourceType: 'Encounter', id: code, meta, status: 'finished' }),
      ),
    );
  }
  for (const form of fc.sample(forms, { numRuns: 60, seed: 5 })) {
    unwrap(await home.store.transact(testActor, (tx) => tx.update(recordOf(form))));
    known.set(`form-${form.id}`, form);
  }
});
afterAll(() => home.drop());

async function check(): Promise<void> {
  let parts = 0;
  const parsed = parseSearch(
    home.definitions,
    'QuestionnaireResponse',
    [
      ['_count', '50'],
      ['_total', 'accurate'],
    ],
    {
      handling: 'strict',
      baseUrl: 'http://x/fhir',
    },
  );
  const query = unwrap(parsed).query;
  await fc.assert(
    fc.asyncProperty(grants, async (given) => {
      const visibility: Visibility = { kind: 'limited', grants: given, partly };
      const whole: Visibility = { kind: 'limited', grants: given };
      const { matches, total } = unwrap(await home.store.search(query, visibility));
      const byId = new Map(matches.map((stored) => [stored.id, stored]));
      expect(total).toBe(matches.length);
      const strict = unwrap(await home.store.search(query, whole)).matches.map(({ id }) => id);
      for (const [id, form] of known) {
        const expected = told(form, given);
        const read = await home.store.readSeen('QuestionnaireResponse', id, visibility);
        expect([id, read?.json, expected?.texts]).toEqual([
          id,
          byId.get(id)?.json,
          read && linksIn(JSON.parse(read.json)),
        ]);
        const tags = read && (JSON.parse(read.json).meta.tag ?? []).map(({ code }: { code: string }) => code);
        expect([id, tags]).toEqual([id, expected && (expected.isPart ? ['SUBSETTED'] : [])]);
        // Whoever does not ask for records in part gets those that are whole.
        expect([id, strict.includes(id)]).toEqual([id, expected !== undefined && !expected.isPart]);
        if (expected?.isPart) parts += 1;
      }
    }),
    { numRuns: 60, seed: 2 },
  );
  expect(parts).toBeGreaterThan(20);
}

describe('PP-34 what is told of a record with labelled parts', () => {
  test('PP-34 is, read or found, all that some grant shows as if the whole were of its categories', check);

  test('PP-34 is the same after the index was written anew, and after the policy was applied anew', async () => {
    const query = (text: string, values?: readonly unknown[]) => home.store.query<any>(text, values);
    const extract = createExtractor(home.definitions);
    await writeIndex(query as any, indexed({ extract }, await readStretch(query as any, '0')));
    await check();
    await home.store.transact(testActor, async (tx) => {
      for (let after: string | undefined = '0'; after !== undefined; )
        after = await relabel(tx, { categorize }, after, 20);
      return ok(undefined);
    });
    await check();
  });

  test('PP-34 is the whole or nothing where the index was made with the parts', async () => {
    await home.store.query(`UPDATE resource SET part_categories = NULL WHERE type = 'QuestionnaireResponse'`);
    await home.store.transact(testActor, async (tx) => {
      await relabel(tx, { categorize }, '0', 500);
      return ok(undefined);
    });
    const visibility: Visibility = { kind: 'limited', grants: [{ types: 'any', hides: 7n }], partly };
    for (const [id, form] of known) {
      const read = await home.store.readSeen('QuestionnaireResponse', id, visibility);
      const isPlain = bitsOf([...form.own, ...form.from]) === 0n && told(form, visibility.grants)?.isPart === false;
      expect([id, read !== undefined]).toEqual([id, isPlain]);
    }
  });
});
