import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ok } from '../../../src/base/errors.ts';
import { parseSearch } from '../../../src/fhir/search/parse.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { type SearchPage, type Stored, seesAll, type Visibility } from '../../../src/store/types.ts';
import { createTestStore, type TestStore, testActor } from '../../support/database.ts';

let home: TestStore;
const resources: Resource[] = [
  {
    resourceType: 'Patient',
    id: 'ann',
    name: [{ family: 'Ann' }],
    generalPractitioner: [{ reference: 'Practitioner/doc' }],
  },
  {
    resourceType: 'Patient',
    id: 'ben',
    name: [{ family: 'Ben' }],
    generalPractitioner: [{ reference: 'Practitioner/doc' }],
  },
  { resourceType: 'Practitioner', id: 'doc' },
  { resourceType: 'Organization', id: 'org', partOf: { reference: 'Organization/parent' } },
  { resourceType: 'Organization', id: 'parent' },
  {
    resourceType: 'PractitionerRole',
    id: 'role',
    practitioner: { reference: 'Practitioner/doc' },
    organization: { reference: 'Organization/org' },
  },
  ...['ann', 'ben'].flatMap((id): Resource[] => [
    { resourceType: 'Goal', id: `goal-${id}`, subject: { reference: `Patient/${id}` }, lifecycleStatus: 'active' },
    {
      resourceType: 'CarePlan',
      id: `plan-${id}`,
      status: 'active',
      subject: { reference: `Patient/${id}` },
      goal: [{ reference: `Goal/goal-${id}` }],
    },
  ]),
  // In both children's compartments: twins in one visit.
  {
    resourceType: 'Appointment',
    id: 'both',
    status: 'booked',
    participant: [{ actor: { reference: 'Patient/ann' } }, { actor: { reference: 'Patient/ben' } }],
  },
];
beforeAll(async () => {
  home = await createTestStore();
  const written = await home.store.transact(testActor, async (tx) => {
    for (const resource of resources) {
      const answer = await tx.update(resource);
      if (!answer.ok) return answer;
    }
    return ok(undefined);
  });
  expect(written.ok).toBe(true);
});
afterAll(() => home.drop());

const onlyBen: Visibility = { kind: 'limited', grants: [{ types: 'any', patients: ['ben'] }] };
const names = (found: Stored[]) => found.map(({ type, id }) => `${type}/${id}`).sort();

async function search(type: string, text: string, visibility: Visibility): Promise<SearchPage> {
  const parsed = parseSearch(home.definitions, type, [...new URLSearchParams(text)], {
    handling: 'strict',
    baseUrl: 'http://ours.example/fhir',
  });
  if (!parsed.ok) throw new Error(parsed.error.issues[0]?.text);
  const found = await home.store.search(parsed.value.query, visibility);
  if (!found.ok) throw new Error(found.error.issues[0]?.text);
  return found.value;
}

describe("another child's records stay out", () => {
  test.each(['Patient', 'Goal', 'CarePlan'])('of a search on %s, whatever it asks', async (type) => {
    for (const asked of [
      '_total=accurate',
      'patient=Patient/ann',
      'subject=ann,ben',
      '_id:not=x',
      '_sort=-_lastUpdated',
    ]) {
      const text = type === 'Patient' ? asked.replace(/^(patient|subject)=.*/, '_id=ann,ben') : asked;
      const { matches, total } = await search(type, text, onlyBen);
      expect(names(matches).filter((name) => name.includes('ann'))).toEqual([]);
      if (total !== undefined) expect(total).toBe(1);
    }
  });

  test('of what is included, forwards, backwards and by iteration', async () => {
    const back = await search(
      'Practitioner',
      '_revinclude=Patient:general-practitioner&_revinclude:iterate=CarePlan:patient',
      onlyBen,
    );
    expect(names(back.included)).toEqual(['CarePlan/plan-ben', 'Patient/ben']);
    const forth = await search('Appointment', '_include=Appointment:patient', onlyBen);
    expect(names(forth.matches)).toEqual(['Appointment/both']);
    expect(names(forth.included)).toEqual(['Patient/ben']);
  });

  test('types that were not granted are invisible: as matches, in counts, as includes', async () => {
    const goalsOnly: Visibility = { kind: 'limited', grants: [{ types: new Set(['Goal']) }] };
    expect(await search('CarePlan', '_total=accurate', goalsOnly)).toEqual({ matches: [], included: [], total: 0 });
    const plansOnly: Visibility = { kind: 'limited', grants: [{ types: new Set(['CarePlan']) }] };
    const plans = await search('CarePlan', '_include=CarePlan:goal&_include=CarePlan:subject', plansOnly);
    expect([plans.matches.length, plans.included]).toEqual([2, []]);
  });

  test('sees() and readSeen() answer as the search does, for every resource and every reader', async () => {
    const readers: Visibility[] = [
      seesAll,
      onlyBen,
      { kind: 'limited', grants: [{ types: 'any', patients: ['ann'] }] },
      { kind: 'limited', grants: [{ types: 'any', patients: ['nobody'] }] },
      { kind: 'limited', grants: [{ types: 'any' }] },
      { kind: 'limited', grants: [{ types: new Set(['Patient', 'Appointment']), patients: ['ann'] }] },
    ];
    for (const reader of readers) {
      for (const { resourceType, id } of resources) {
        const stored = await home.store.read(resourceType, String(id));
        const { matches } = await search(resourceType, `_id=${id}`, reader);
        expect([id, stored && (await home.store.sees(reader, stored))]).toEqual([id, matches.length === 1]);
        const seen = await home.store.readSeen(resourceType, String(id), reader);
        expect([id, seen]).toEqual([id, matches.length === 1 ? stored : undefined]);
      }
    }
  });

  test('a version written under the wrong child, and a deleted record, keep to their reader', async () => {
    const write = (id: string) =>
      home.store.transact(testActor, (tx) =>
        tx.update({ resourceType: 'Goal', id: 'moved', subject: { reference: `Patient/${id}` } }),
      );
    await write('ann');
    await write('ben');
    await home.store.transact(testActor, (tx) => tx.delete('Goal', 'moved'));
    const onlyAnn: Visibility = { kind: 'limited', grants: [{ types: 'any', patients: ['ann'] }] };
    const seen = async (reader: Visibility, version: number) => {
      const stored = await home.store.readVersion('Goal', 'moved', version);
      return stored && home.store.sees(reader, stored);
    };
    expect([await seen(onlyAnn, 1), await seen(onlyAnn, 2), await seen(onlyAnn, 3)]).toEqual([false, false, false]);
    expect([await seen(onlyBen, 1), await seen(onlyBen, 2), await seen(onlyBen, 3)]).toEqual([false, true, true]);
    expect(await home.store.readSeen('Goal', 'moved', onlyAnn)).toBeUndefined();
    expect(await home.store.readSeen('Goal', 'moved', onlyBen)).toMatchObject({ version: 3, deleted: true });
  });
});

describe('includes', () => {
  test('each once, never a match again, all reference parameters with *', async () => {
    const { matches, included } = await search('CarePlan', '_include=*&_include=CarePlan:goal', seesAll);
    expect(names(matches)).toEqual(['CarePlan/plan-ann', 'CarePlan/plan-ben']);
    expect(names(included)).toEqual(['Goal/goal-ann', 'Goal/goal-ben', 'Patient/ann', 'Patient/ben']);
    expect((await search('Organization', '_include=Organization:partof', seesAll)).included).toEqual([]);
  });

  test('a step without :iterate looks at the matches only', async () => {
    const one = await search(
      'PractitionerRole',
      '_include=PractitionerRole:organization&_include=Organization:partof',
      seesAll,
    );
    expect(names(one.included)).toEqual(['Organization/org']);
    const all = await search(
      'PractitionerRole',
      '_include=PractitionerRole:organization&_include:iterate=Organization:partof',
      seesAll,
    );
    expect(names(all.included)).toEqual(['Organization/org', 'Organization/parent']);
  });

  test('the target type narrows', async () => {
    const { included } = await search('Appointment', '_include=Appointment:actor:Practitioner', seesAll);
    expect(included).toEqual([]);
  });
});

describe('page links', () => {
  test.each([
    '',
    'x',
    Buffer.from('[]').toString('base64url'),
    Buffer.from('["1 OR true"]').toString('base64url'),
    Buffer.from('[1]').toString('base64url'),
    Buffer.from('["a","1"]').toString('base64url'),
  ])('one that is not ours is refused: %s', async (cursor) => {
    const query = {
      type: 'Goal',
      filters: [],
      includes: [],
      revincludes: [],
      sort: [],
      count: 2,
      total: 'none' as const,
      cursor,
    };
    expect(await home.store.search(query, seesAll)).toMatchObject({ ok: false, error: { kind: 'invalid' } });
  });

  test('a record written between two pages shifts nothing', async () => {
    const page = await search('Patient', '_count=1', seesAll);
    await home.store.transact(testActor, (tx) => tx.update({ resourceType: 'Patient', id: 'ann', active: true }));
    const parsed = parseSearch(home.definitions, 'Patient', [['_count', '1']], {
      handling: 'strict',
      baseUrl: 'http://x',
    });
    if (!parsed.ok) throw new Error('not parsed');
    const next = await home.store.search({ ...parsed.value.query, cursor: page.next ?? '' }, seesAll);
    expect([names(page.matches), next.ok && names(next.value.matches)]).toEqual([['Patient/ann'], ['Patient/ben']]);
  });
});
