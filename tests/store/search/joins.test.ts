import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ok } from '../../../src/base/errors.ts';
import { createExtractor } from '../../../src/fhir/search/extract.ts';
import { parseSearch } from '../../../src/fhir/search/parse.ts';
import type { Criterion, SearchQuery } from '../../../src/fhir/search/query.ts';
import { statement } from '../../../src/store/search/statement.ts';
import { branchWhere } from '../../../src/store/search/where.ts';
import { seesAll, type Visibility } from '../../../src/store/types.ts';
import { createTestStore, type TestStore, testActor } from '../../support/database.ts';
import { meets, parameter, seenBy, towns } from '../support/joined-world.ts';

const clock = { now: () => new Date('2026-01-01T00:00:00.000Z') };
const [town = []] = fc.sample(towns, { numRuns: 1, seed: 11 });
const gone = new Set(['p5', 'b8', 'o3']);
const living = town.filter(({ id }) => !gone.has(id));

/** What of the town a reader sees is a town of its own: with `only`, the records that this reader may not see were never written. */
async function build(only: (node: (typeof town)[number]) => boolean): Promise<TestStore> {
  const home = await createTestStore({ clock });
  for (const node of town.filter(only)) {
    const written = await home.store.transact(testActor, (tx) => tx.create(node, { id: node.id }));
    if (!written.ok) throw new Error('not written');
  }
  for (const { resourceType, id } of town.filter((node) => only(node) && gone.has(node.id))) {
    await home.store.transact(testActor, async (tx) => ok(await tx.delete(resourceType, id)));
  }
  return home;
}

let home: TestStore;
let withoutHidden: TestStore;
let withoutTypes: TestStore;
const granted = new Set(['Observation', 'Patient', 'Organization']);
beforeAll(async () => {
  home = await build(() => true);
  withoutHidden = await build((node) => seenBy(node, 'p1'));
  withoutTypes = await build(({ resourceType }) => granted.has(resourceType));
});
afterAll(async () => {
  await home.drop();
  await withoutHidden.drop();
  await withoutTypes.drop();
});

const types = ['Patient', 'Organization', 'Practitioner', 'Observation', 'Encounter', 'List'];
const searches = fc.constantFrom(...types).chain((type) =>
  fc.record({
    type: fc.constant(type),
    params: fc.oneof(
      { weight: 3, arbitrary: fc.tuple(parameter(type, 3)) },
      { weight: 1, arbitrary: fc.tuple(parameter(type, 2), parameter(type, 1)) },
    ),
  }),
);

function parsed(type: string, params: readonly [string, string][]): SearchQuery {
  const result = parseSearch(home.definitions, type, params, {
    handling: 'strict',
    baseUrl: 'http://ours.example/fhir',
  });
  if (!result.ok) throw new Error(result.error.issues.map(({ text }) => text).join());
  return result.value.query;
}

async function walk({ store }: TestStore, query: SearchQuery, visibility: Visibility) {
  const pages: unknown[] = [];
  let cursor: string | undefined;
  do {
    const found = await store.search({ ...query, ...(cursor !== undefined && { cursor }) }, visibility);
    if (!found.ok) throw new Error(found.error.issues[0]?.text);
    const { next, ...page } = found.value;
    pages.push(page);
    cursor = next;
  } while (cursor !== undefined);
  return pages;
}

function joinsIn(criterion: Criterion): Criterion[] {
  if (criterion.kind === 'filter') return [];
  const inner = (Array.isArray(criterion.of) ? criterion.of : [criterion.of]).flatMap(joinsIn);
  return criterion.kind === 'chain' || criterion.kind === 'has' ? [criterion, ...inner] : inner;
}

const idsOf = (pages: unknown[]): string[] =>
  (pages as { matches: { id: string }[] }[]).flatMap(({ matches }) => matches.map(({ id }) => id));

describe('what the reader may not see is not there', () => {
  const child: Visibility = { kind: 'limited', grants: [{ types: 'any', patients: ['p1'] }] };

  const grants: Visibility = { kind: 'limited', grants: [{ types: granted }] };
  test.each<[string, Visibility, () => TestStore]>([
    ["another child's", child, () => withoutHidden],
    ['of a type that was not granted', grants, () => withoutTypes],
  ])(
    '%s: pages, totals, orders and includes are the same, byte for byte, as if it had never been',
    async (_whose, reader, other) => {
      let differs = 0;
      await fc.assert(
        fc.asyncProperty(searches, fc.constantFrom('_id', '-_id', undefined), async ({ type, params }, sort) => {
          const shape: [string, string][] = [
            ['_count', '2'],
            ['_total', 'accurate'],
            ['_include', '*'],
            ['_revinclude', '*'],
          ];
          const query = parsed(type, [
            ...params,
            ...shape,
            ...(sort === undefined ? [] : [['_sort', sort] as [string, string]]),
          ]);
          const hidden = await walk(home, query, reader);
          expect(JSON.stringify(hidden)).toBe(JSON.stringify(await walk(other(), query, reader)));
          const all = idsOf(await walk(home, query, seesAll));
          if (all.join() !== idsOf(hidden).join()) differs += 1;
        }),
        { numRuns: 80, seed: 5 },
      );
      // Where everybody sees the same, nothing is proved.
      expect(differs).toBeGreaterThan(15);
    },
  );

  test('types that were not granted, in whatever place of a question', async () => {
    const granted: Visibility = { kind: 'limited', grants: [{ types: new Set(['Observation', 'Patient']) }] };
    const count = async (params: [string, string][]) =>
      idsOf(await walk(home, parsed('Observation', params), granted)).length;
    expect(await count([['encounter:Encounter.status:missing', 'false']])).toBe(0);
    expect(await count([['_has:List:item:status', 'current']])).toBe(0);
    expect(await count([['_list', 'l1,l2,l3']])).toBe(0);
    expect(await count([['_filter', 'encounter.status pr true']])).toBe(0);
    expect(await count([['patient.organization.name:missing', 'false']])).toBe(0);
    expect(await count([['_filter', 'not(encounter.status pr true)']])).toBe(
      living.filter(({ resourceType }) => resourceType === 'Observation').length,
    );
  });
});

describe('joins agree with a slow reading', () => {
  test('whichever way the numbers say, every reader, needed whole or not', async () => {
    const { definitions, log, pool } = home;
    const parts = { definitions, log, clock, extract: createExtractor(definitions), checks: [], effects: [] };
    const ways = fc.record({ size: fc.constantFrom(0, 10_000, 100_000), whole: fc.boolean() });
    const seenWays = new Set<string>();
    await fc.assert(
      fc.asyncProperty(searches, ways, fc.constantFrom(undefined, 'p1'), async ({ type, params }, way, patientId) => {
        const query = parsed(type, params);
        const visibility: Visibility =
          patientId === undefined ? seesAll : { kind: 'limited', grants: [{ types: 'any', patients: [patientId] }] };
        const sizes = new Map(query.filters.flatMap(joinsIn).map((join) => [join, way.size]));
        const into = statement();
        const branch = { type, filters: query.filters, sort: [], sizes, whole: way.whole };
        const where = branchWhere(parts, query, branch, visibility, into);
        if (!where.ok) throw new Error(where.error.issues[0]?.text);
        const { rows } = await pool.query<{ id: string }>(
          `SELECT r.id FROM resource r WHERE ${where.value ?? 'false'} ORDER BY r.key`,
          into.values,
        );
        const seen = living.filter((node) => seenBy(node, patientId));
        const expected = seen.filter(
          (node) => node.resourceType === type && query.filters.every((one) => meets(node, one, seen)),
        );
        expect(rows.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
        if (expected.length > 0) for (const join of sizes.keys()) seenWays.add(`${join.kind} ${way.size} ${way.whole}`);
      }),
      { numRuns: 400, seed: 9 },
    );
    expect(seenWays.size).toBe(12);
  });

  test('chains, _has, _list and _filter, within each other, for every reader', async () => {
    let hits = 0;
    await fc.assert(
      fc.asyncProperty(searches, fc.constantFrom(undefined, 'p1', 'p2'), async ({ type, params }, patientId) => {
        const query = parsed(type, params);
        const visibility: Visibility =
          patientId === undefined ? seesAll : { kind: 'limited', grants: [{ types: 'any', patients: [patientId] }] };
        const seen = living.filter((node) => seenBy(node, patientId));
        const expected = seen
          .filter((node) => node.resourceType === type && query.filters.every((one) => meets(node, one, seen)))
          .map(({ id }) => id);
        if (expected.length > 0) hits += 1;
        expect(idsOf(await walk(home, query, visibility))).toEqual(expected);
        const counted = await home.store.search(
          { ...query, count: 0, total: 'accurate', summary: 'count' },
          visibility,
        );
        expect(counted).toMatchObject({ ok: true, value: { total: expected.length } });
      }),
      { numRuns: 400, seed: 3 },
    );
    expect(hits).toBeGreaterThan(80);
  });
});
