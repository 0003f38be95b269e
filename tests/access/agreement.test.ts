import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fail, ok } from '../../src/base/errors.ts';
import { parseSearch } from '../../src/fhir/search/parse.ts';
import type { Resource } from '../../src/fhir/types.ts';
import type { Grant, SearchPage, Visibility } from '../../src/store/types.ts';
import { createTestStore, type TestStore, testActor } from '../support/database.ts';
import {
  compartmentsOf,
  inheriting,
  ownCategories,
  type PlainRecord,
  plainWorld,
  referencesIn,
} from './support/plain-grants.ts';

/** The SQL predicate, the question about one version, and a third reading that shares nothing with either, over random grants. */

const patients = ['a', 'b', 'c'];
const types = ['Patient', 'Observation', 'Encounter', 'Goal', 'CareTeam', 'Appointment', 'Group'];
const others = ['Organization', 'Binary'];
const all = [...types, ...others];

const patient = fc.constantFrom(...patients).map((id) => ({ reference: `Patient/${id}` }));
const some = <T>(one: fc.Arbitrary<T>, maxLength = 2) => fc.array(one, { maxLength });
const code = fc.constantFrom('lab', 'vital', 'social');
const number = fc.nat({ max: 9 });
const meta = fc.record({
  security: some(
    fc.constantFrom('one', 'two', 'four', 'other').map((label) => ({ code: label })),
    1,
  ),
  tag: some(fc.constantFrom({ code: 'x' }, { system: 'http://s', code: 'x' }, { system: 'http://s', code: 'y' }), 1),
});
const contents: fc.Arbitrary<Resource> = fc
  .record({
    type: fc.constantFrom(...all),
    id: number,
    meta,
    subject: patient,
    more: some(patient),
    codes: some(code),
    to: number,
  })
  .map(({ type, id, subject, more, codes, to, ...rest }): Resource => {
    const base = { resourceType: type, id: `${type.toLowerCase()}-${id}`, ...rest };
    switch (type) {
      case 'Patient':
        return {
          ...base,
          id: patients[id % 3] ?? 'a',
          gender: id % 2 === 0 ? 'male' : 'female',
          link: more.map((other) => ({ other, type: 'seealso' })),
        };
      case 'Observation':
        return {
          ...base,
          status: to % 2 === 0 ? 'final' : 'amended',
          subject: id === 7 ? { reference: 'Group/group-1' } : subject,
          performer: more,
          category: codes.map((one) => ({ coding: [{ system: 'http://c', code: one }] })),
          encounter: { reference: `Encounter/encounter-${to}` },
          ...(to < id && { derivedFrom: [{ reference: `Observation/observation-${to}` }] }),
        };
      case 'Encounter':
        // Towards lower numbers only: of records that inherit from each other, each keeps what one of them had.
        return {
          ...base,
          status: 'finished',
          subject,
          ...(to < id && { partOf: { reference: `Encounter/encounter-${to}` } }),
        };
      case 'Goal':
        return { ...base, lifecycleStatus: 'active', subject };
      case 'CareTeam':
        return { ...base, subject, participant: more.map((member) => ({ member })) };
      case 'Appointment':
        return { ...base, status: 'booked', participant: more.map((actor) => ({ actor })) };
      case 'Group':
        return { ...base, type: 'person', actual: true, member: more.map((entity) => ({ entity })) };
      default:
        return base;
    }
  });

const tests = fc.constantFrom(
  { param: 'category', anyOf: [{ code: 'lab' }] },
  { param: 'category', anyOf: [{ system: 'http://c', code: 'vital' }, { code: 'social' }] },
  { param: 'category', anyOf: [{ system: 'http://other', code: 'lab' }] },
  { param: 'status', anyOf: [{ code: 'final' }] },
  { param: '_tag', anyOf: [{ code: 'x' }] },
  {
    param: '_tag',
    anyOf: [
      { system: '', code: 'x' },
      { system: 'http://s', code: 'y' },
    ],
  },
  { param: 'banana', anyOf: [{ code: 'x' }] },
  { param: 'performer', anyOf: [], refersTo: ['Patient/a', 'Practitioner/b'] },
  { param: 'participant', anyOf: [], refersTo: ['Patient/b'] },
  { param: 'category', anyOf: [{ code: 'lab' }], refersTo: ['Patient/a'] },
);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const grant: fc.Arbitrary<Grant> = fc
  .record({
    types: fc.oneof(
      fc.constant('any' as const),
      fc.subarray(all, { minLength: 1 }).map((names) => new Set(names)),
    ),
    patients: optional(fc.subarray([...patients, 'nobody'])),
    except: optional(fc.subarray(patients, { maxLength: 1 })),
    having: optional(some(tests)),
    hides: optional(fc.bigInt({ min: 0n, max: 7n })),
  })
  .map(
    (given) => Object.fromEntries(Object.entries(given).filter(([, part]) => part !== undefined)) as unknown as Grant,
  );
const visibilities = some(grant, 3).map((grants) => ({ kind: 'limited' as const, grants }));

let home: TestStore;
let world: ReturnType<typeof plainWorld>;
beforeAll(async () => {
  home = await createTestStore({ categorize: ownCategories, inherits: inheriting });
  const records = new Map<string, PlainRecord>();
  // Several versions of most, so that they change whose they are, what they are, and what they come from.
  for (const [place, resource] of fc.sample(contents, { numRuns: 260, seed: 11 }).entries()) {
    const name = `${resource.resourceType}/${resource.id}`;
    const record = records.get(name) ?? { type: resource.resourceType, id: String(resource.id), versions: [] };
    records.set(name, record);
    const written = await home.store.transact(testActor, async (tx) =>
      place % 9 === 4 && record.versions.at(-1) ? tx.delete(record.type, record.id) : tx.update(resource),
    );
    if (!written.ok) throw new Error(written.error.issues[0]?.text);
    const { outcome } = written.value ?? {};
    if (outcome === 'deleted') record.versions.push(undefined);
    else if (outcome !== 'unchanged') record.versions.push(resource);
  }
  world = plainWorld([...records.values()]);
});
afterAll(() => home.drop());

const ids = (found: readonly { type: string; id: string }[]) => found.map(({ type, id }) => `${type}/${id}`).sort();

async function search(type: string, text: string, visibility: Visibility): Promise<SearchPage> {
  const options = { handling: 'strict', baseUrl: 'http://x/fhir' } as const;
  const parsed = parseSearch(home.definitions, type, [...new URLSearchParams(text), ['_count', '500']], options);
  if (!parsed.ok) throw new Error(parsed.error.issues[0]?.text);
  const found = await home.store.search(parsed.value.query, visibility);
  if (!found.ok) throw new Error(found.error.issues[0]?.text);
  return found.value;
}

/** Runs a property and sees to it that it was not about nothing. */
async function hold(
  check: (visibility: Visibility & { kind: 'limited' }) => Promise<number>,
  numRuns: number,
  hits: number,
) {
  let shown = 0;
  await fc.assert(
    fc.asyncProperty(visibilities, async (visibility) => {
      shown += await check(visibility);
    }),
    { numRuns, seed: 3 },
  );
  expect(shown).toBeGreaterThan(hits);
}

describe('three readings of a visibility agree', () => {
  test('TH-24 on every search and its count, whatever else is asked', () =>
    hold(
      async (visibility) => {
        let shown = 0;
        for (const type of all) {
          const expected = world.shown(visibility.grants, type);
          const { matches, total } = await search(type, '_total=accurate', visibility);
          expect([ids(matches), total]).toEqual([ids(expected), expected.length]);
          shown += expected.length;
        }
        const finals = world
          .shown(visibility.grants, 'Observation')
          .filter((one) => world.current(one)?.status === 'final');
        const counted = await search('Observation', 'status=final&_sort=-_id&_summary=count', visibility);
        expect(counted).toMatchObject({ total: finals.length, matches: [] });
        return shown;
      },
      60,
      500,
    ));

  test('TH-28 on every version of every record, read by itself and in the history of all', () =>
    hold(
      async (visibility) => {
        const expected: string[] = [];
        for (const record of world.records) {
          for (const [place] of record.versions.entries()) {
            const shows = world.showsVersion(visibility.grants, record, place + 1);
            const stored = await home.store.readVersion(record.type, record.id, place + 1);
            const name = `${record.type}/${record.id} ${place + 1}`;
            expect([name, stored && (await home.store.sees(visibility, stored))]).toEqual([name, shows]);
            if (shows) expected.push(name);
          }
          const seen = await home.store.readSeen(record.type, record.id, visibility);
          expect([record.id, seen !== undefined]).toEqual([record.id, world.showsRecord(visibility.grants, record)]);
        }
        const told: string[] = [];
        for (let cursor: string | undefined, isOver = false; !isOver; isOver = cursor === undefined) {
          const page = await home.store.historyOf({ types: all, count: 50, ...(cursor && { cursor }) }, visibility);
          if (!page.ok) throw new Error('refused');
          told.push(...page.value.versions.map(({ type, id, version }) => `${type}/${id} ${version}`));
          cursor = page.value.next;
        }
        expect(told.sort()).toEqual(expected.sort());
        return expected.length;
      },
      12,
      100,
    ));

  test('TH-20, TH-21, TH-22 on what is included, there, back and on', () =>
    hold(
      async (visibility) => {
        const shown = (type: string) => world.shown(visibility.grants, type);
        const to = (name: string) => [...types, ...others].flatMap(shown).filter((one) => ids([one])[0] === name);
        const refersTo = (record: PlainRecord, element: string) =>
          referencesIn(world.current(record) ?? { resourceType: '' }, element);
        const observations = shown('Observation');
        const steps = observations.flatMap((one) =>
          ['subject', 'performer', 'encounter', 'derivedFrom'].flatMap((element) => refersTo(one, element).flatMap(to)),
        );
        const expected = new Set(steps.filter(({ type }) => type !== 'Observation'));
        for (const one of expected) for (const more of refersTo(one, 'partOf').flatMap(to)) expected.add(more);
        const forth = await search('Observation', '_include=*&_include:iterate=Encounter:part-of', visibility);
        // The Patients come with their links and the Groups do not: only what an Observation refers to, and Encounters further on.
        expect(ids(forth.included)).toEqual(ids([...expected]));
        const back = await search(
          'Patient',
          '_revinclude=Observation:performer&_revinclude=CareTeam:participant',
          visibility,
        );
        const seen = new Set(ids(shown('Patient')));
        const mention = [...observations, ...shown('CareTeam')].filter((one) => {
          const { performer = [], participant = [] } = (world.current(one) ?? {}) as any;
          const named = one.type === 'CareTeam' ? participant.map((each: any) => each.member) : performer;
          return named.some(({ reference }: any) => seen.has(reference));
        });
        expect(ids(back.included)).toEqual(ids(mention));
        return forth.included.length + back.included.length;
      },
      60,
      150,
    ));

  test('TH-23 on what chains and _has lead through', () =>
    hold(
      async (visibility) => {
        const shown = (type: string) => world.shown(visibility.grants, type);
        const male = new Set(ids(shown('Patient').filter((one) => world.current(one)?.gender === 'male')));
        const subject = (one: PlainRecord) =>
          referencesIn(world.current(one) ?? { resourceType: '' }, 'subject')[0] ?? '';
        const ofMales = shown('Observation').filter((one) => male.has(subject(one)));
        const chained = await search('Observation', 'subject:Patient.gender=male&_total=accurate', visibility);
        expect([ids(chained.matches), chained.total]).toEqual([ids(ofMales), ofMales.length]);
        const finals = shown('Observation').filter((one) => world.current(one)?.status === 'final');
        const having = shown('Patient').filter((one) => finals.some((final) => subject(final) === ids([one])[0]));
        expect(ids((await search('Patient', '_has:Observation:subject:status=final', visibility)).matches)).toEqual(
          ids(having),
        );
        return ofMales.length + having.length;
      },
      60,
      40,
    ));

  test('on the compartment of one patient, and of all', () =>
    hold(
      async (visibility) => {
        let found = 0;
        const named = (one: PlainRecord) => compartmentsOf(world.current(one) ?? { resourceType: '' });
        const isThere = (id: string) =>
          world.records.some((one) => one.type === 'Patient' && one.id === id && !world.isDeleted(one));
        for (const patientId of [...patients, undefined]) {
          // Asked about a patient, a grant for others says nothing.
          const grants = visibility.grants.filter(
            (one) => patientId === undefined || (one.patients ?? [patientId]).includes(patientId),
          );
          const living = types.flatMap((type) => world.shown(grants, type));
          const expected = living.filter((one) => {
            if (patientId === undefined) return named(one).some(isThere);
            return one.type === 'Group'
              ? named(one).every((id) => id === patientId) && named(one).length > 0
              : named(one).includes(patientId);
          });
          const wanted = { types: all, count: 500, ...(patientId !== undefined && { patientId }) };
          const page = await home.store.compartment(wanted, visibility);
          if (!page.ok) throw new Error('refused');
          expect(ids(page.value.matches)).toEqual(ids(expected));
          found += expected.length;
        }
        return found;
      },
      40,
      300,
    ));

  test('TH-27 on what a transaction has just written, before it is there', async () => {
    let shown = 0;
    await fc.assert(
      fc.asyncProperty(visibilities, contents, async (visibility, resource) => {
        const name = `${resource.resourceType}/${resource.id}`;
        const after = plainWorld([
          ...world.records.filter((one) => ids([one])[0] !== name),
          { type: resource.resourceType, id: String(resource.id), versions: [resource] },
        ]);
        const expected = after.showsVersion(visibility.grants, after.records.at(-1) as PlainRecord, 1);
        const answer = await home.store.transact(testActor, async (tx) => {
          const written = await tx.update(resource);
          if (!written.ok) return written;
          expect([name, await tx.sees(visibility, written.value.stored)]).toEqual([name, expected]);
          return fail('conflict', 'undone');
        });
        expect(answer).toMatchObject({ error: { issues: [{ text: 'undone' }] } });
        if (expected) shown += 1;
      }),
      { numRuns: 150, seed: 4 },
    );
    expect(shown).toBeGreaterThan(20);
  });
});

test('no grant, nothing seen', async () => {
  for (const type of all)
    expect(await search(type, '_total=accurate', { kind: 'limited', grants: [] })).toMatchObject({ total: 0 });
  expect(ok(world.records.length > 60)).toEqual(ok(true));
});
