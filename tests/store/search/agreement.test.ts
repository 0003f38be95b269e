import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ok } from '../../../src/base/errors.ts';
import { createExtractor } from '../../../src/fhir/search/extract.ts';
import { parseSearch } from '../../../src/fhir/search/parse.ts';
import type { SearchQuery } from '../../../src/fhir/search/query.ts';
import { seesAll, type Visibility } from '../../../src/store/types.ts';
import { createTestStore, type TestStore, testActor } from '../../support/database.ts';
import { searches, world } from './generate.ts';
import { answer, type Record } from './oracle.ts';

let home: TestStore;
const records: Record[] = [];
beforeAll(async () => {
  let tick = Date.parse('2026-01-01T00:00:00.000Z');
  home = await createTestStore({ clock: { now: () => new Date(Math.floor(tick++)) } });
  const extract = createExtractor(home.definitions);
  for (const resource of world(7, 260)) {
    const written = await home.store.transact(testActor, (tx) => tx.create(resource, { id: String(resource.id) }));
    if (!written.ok) throw new Error('not written');
    const { stored } = written.value;
    const entries = extract(JSON.parse(stored.json));
    records.push({ type: stored.type, id: stored.id, lastUpdated: stored.lastUpdated, entries });
  }
  // Some change and some go: neither may be found by what they were.
  for (const [place, record] of [...records].entries()) {
    if (place % 17 === 3) {
      await home.store.transact(testActor, async (tx) => ok(await tx.delete(record.type, record.id)));
      records.splice(records.indexOf(record), 1);
    }
    if (place % 17 === 9) {
      const [other] = world(1000 + place, 40).filter(({ resourceType }) => resourceType === record.type);
      if (!other) continue;
      const written = await home.store.transact(testActor, (tx) => tx.update({ ...other, id: record.id }));
      if (!written.ok) throw new Error('not written');
      record.lastUpdated = written.value.stored.lastUpdated;
      record.entries = extract(JSON.parse(written.value.stored.json));
    }
  }
});
afterAll(() => home.drop());

async function walk(query: SearchQuery, visibility: Visibility): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 500; page++) {
    const found = await home.store.search({ ...query, ...(cursor !== undefined && { cursor }) }, visibility);
    if (!found.ok) throw new Error(found.error.issues[0]?.text);
    expect(found.value.matches.length).toBeLessThanOrEqual(query.count);
    ids.push(...found.value.matches.map(({ id }) => id));
    cursor = found.value.next;
    if (cursor === undefined) return ids;
  }
  throw new Error('the pages do not end');
}

describe('SQL agrees with a slow reading of the search', () => {
  test('for generated searches, page by page, in order, with the right total', async () => {
    let hits = 0;
    await fc.assert(
      fc.asyncProperty(
        searches,
        fc.constantFrom(3, 7, 1000),
        fc.constantFrom(undefined, 'p1', 'p2'),
        async (asked, count, patientId) => {
          const parsed = parseSearch(home.definitions, asked.type, asked.params, {
            handling: 'strict',
            baseUrl: 'http://ours.example/fhir',
          });
          if (!parsed.ok) throw new Error(parsed.error.issues.map(({ text }) => text).join());
          const query: SearchQuery = { ...parsed.value.query, count };
          const visibility: Visibility =
            patientId === undefined ? seesAll : { kind: 'limited', grants: [{ types: 'any', patients: [patientId] }] };
          const expected = answer(records, query, patientId);
          hits += expected.length > 0 ? 1 : 0;
          expect(await walk(query, visibility)).toEqual(expected);
          const counted = await home.store.search({ ...query, count: 0, summary: 'count' }, visibility);
          expect(counted).toMatchObject({ ok: true, value: { total: expected.length, matches: [] } });
        },
      ),
      { numRuns: 400, seed: 42 },
    );
    // An agreement on nothing but empty answers would prove little.
    expect(hits).toBeGreaterThan(100);
  });
});
