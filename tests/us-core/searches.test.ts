import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { usCoreSearches } from '../../src/fhir/us-core-searches.ts';
import type { TestHouse } from '../support/house.ts';
import { examplesIn, type Query } from './support/examples.ts';
import { meets, stretch } from './support/matches.ts';
import { openPersonaHouse, personaResources } from './support/persona-house.ts';
import { parameterOf, valuesOf } from './support/values.ts';

/** US-02 to US-04: every search of US Core, each in the ways in which its test kit asks it, against a whole house. */
let house: TestHouse;
let persona: Map<string, any[]>;
beforeAll(async () => {
  house = await openPersonaHouse();
  persona = await personaResources(house);
});
afterAll(() => house?.shut());

const rows = Object.entries(usCoreSearches).flatMap(([type, { shall, should = [] }]) =>
  [...shall, ...should].map((parameters) => [type, parameters.join('+'), parameters] as const),
);

const examples = (type: string, parameters: readonly string[]) => examplesIn(persona.get(type) ?? [], parameters);
const address = (type: string, query: Query) => `/${type}?${new URLSearchParams(query)}`;
const changed = (query: Query, code: string, value: string): Query =>
  query.map(([name, before]) => [name, name === code ? value : before]);

/** The resources found, following every next link as it stands; at most 20 pages. */
async function find(type: string, query: Query): Promise<any[]> {
  const found: any[] = [];
  let next: string | undefined = address(type, query);
  for (let page = 0; next !== undefined; page += 1) {
    expect(page).toBeLessThan(20);
    const answer = await house.fhir('GET', next);
    expect([next, answer.status, answer.json.type]).toEqual([next, 200, 'searchset']);
    found.push(...(answer.json.entry ?? []).map(({ resource }: any) => resource));
    const link: string | undefined = answer.json.link.find(({ relation }: any) => relation === 'next')?.url;
    next = link?.slice(`${house.url}/fhir`.length);
  }
  return found;
}

/** Found, and each of them rightly so. */
async function rightly(type: string, query: Query): Promise<string[]> {
  const found = await find(type, query);
  for (const resource of found) {
    expect([query, resource.id, resource.resourceType]).toEqual([query, resource.id, type]);
    for (const [code, value] of query) {
      expect([query, resource.id, code, meets(resource, code, value)]).toEqual([query, resource.id, code, true]);
    }
  }
  return found.map(({ id }) => id).sort();
}

describe.each(rows)('US-02, US-03: %s by %s', (type, _name, parameters) => {
  test('finds what the persona has, and nothing else', async () => {
    const all = examples(type, parameters);
    expect(all.length).toBeGreaterThan(0);
    for (const { resource, query } of [...new Set([all[0], all.at(-1)])].filter((one) => one !== undefined)) {
      const ids = await rightly(type, query);
      expect([query, ids.includes(resource.id)]).toEqual([query, true]);
      // And none that meets it is left out.
      const wanted = (persona.get(type) ?? []).filter((one) => query.every(([code, value]) => meets(one, code, value)));
      expect([query, wanted.filter(({ id }) => !ids.includes(id))]).toEqual([query, []]);
    }
  });

  test('finds nothing when one of the values is wrong', async () => {
    const [{ query } = { query: [] }] = examples(type, parameters);
    for (const [code] of query) {
      const { kind } = parameterOf(type, code);
      const wrong = kind === 'date' ? '1900-01-01' : kind === 'reference' ? 'Patient/nobody' : 'no-such-value';
      expect([code, await find(type, changed(query, code, wrong))]).toEqual([code, []]);
    }
  });

  test('finds the same by POST, and page by page', async () => {
    const [{ query } = { query: [] }] = examples(type, parameters);
    const ids = await rightly(type, query);
    const token = await postSearch(type, query);
    expect(token.sort()).toEqual(ids);
    const paged = await find(type, [...query, ['_count', String(Math.max(1, Math.ceil(ids.length / 3)))]]);
    expect(paged.map(({ id }) => id).sort()).toEqual(ids);
  });

  test('finds the same by every way to write a value', async () => {
    const [{ resource, query } = { resource: undefined, query: [] as Query }] = examples(type, parameters);
    const ids = await rightly(type, query);
    for (const [code, value] of query) {
      for (const other of otherWays(resource, code, value)) {
        expect([code, other, await rightly(type, changed(query, code, other))]).toEqual([code, other, ids]);
      }
      for (const wider of widerWays(resource, code)) {
        const found = await rightly(type, changed(query, code, wider));
        expect([code, wider, found.includes(resource.id)]).toEqual([code, wider, true]);
      }
    }
  });
});

async function postSearch(type: string, query: Query): Promise<string[]> {
  const form = new URLSearchParams(query).toString();
  const answer = await house.fhir('POST', `/${type}/_search`, form, 'application/x-www-form-urlencoded');
  expect([query, answer.status, answer.json?.type]).toEqual([query, 200, 'searchset']);
  return (answer.json.entry ?? []).map(({ resource }: any) => resource.id);
}

/** Ways that have to find exactly the same: a reference in three forms, and a value beside one that finds nothing. */
function otherWays(resource: any, code: string, value: string): string[] {
  const { kind } = parameterOf(resource.resourceType, code);
  if (kind === 'reference' && !value.startsWith('http')) {
    const id = value.split('/').at(-1) ?? '';
    return [id, `${house.url}/fhir/${value}`];
  }
  return kind === 'token' ? [`${value},no-such-value`] : [];
}

/** Ways that have to find the resource too: a code with its system, a time before and after with gt, ge, lt and le. */
function widerWays(resource: any, code: string): string[] {
  const { kind } = parameterOf(resource.resourceType, code);
  const [value] = valuesOf(resource, code);
  if (kind === 'token') return value.system === undefined ? [] : [`${value.system}|${value.code}`];
  if (kind !== 'date') return kind === 'string' ? [String(value).toUpperCase(), String(value).slice(0, 3)] : [];
  const [start, end] = stretch(value);
  const hour = 3600 * 1000;
  const before = offset(start - 30 * hour);
  const after = offset((Number.isFinite(end) ? end : start) + 30 * hour);
  return [`gt${before}`, `ge${before}`, `lt${after}`, `le${after}`];
}

/** The instant with a time zone other than UTC. */
function offset(at: number): string {
  const hours = -5;
  return `${new Date(at + hours * 3600 * 1000).toISOString().slice(0, 19)}-05:00`;
}

describe('several values at once', () => {
  test.each([
    ['CarePlan', 'status', 'active,revoked'],
    ['ServiceRequest', 'status', 'active,completed'],
    ['MedicationRequest', 'status', 'active,completed,stopped'],
    ['Immunization', 'status', 'completed,not-done'],
    ['Observation', 'category', 'laboratory,survey'],
  ])('%s by %s', async (type, code, values) => {
    const ids = await rightly(type, [
      ['patient', 'everyfield'],
      [code, values],
    ]);
    const wanted = (persona.get(type) ?? []).filter((resource) => meets(resource, code, values));
    expect(ids).toEqual(wanted.map(({ id }) => id).sort());
  });
});

describe('_revinclude=Provenance:target (US-04)', () => {
  test.each(Object.keys(usCoreSearches).filter((type) => usCoreSearches[type]?.shall.flat().includes('patient')))(
    '%s',
    async (type) => {
      const query: Query = [
        ['patient', 'everyfield'],
        ['_revinclude', 'Provenance:target'],
      ];
      const all = await find(type, query);
      const found = all.filter(({ resourceType }) => resourceType === 'Provenance');
      expect(found.length).toBeGreaterThan(0);
      const matches = all.filter(({ resourceType }) => resourceType === type).map(({ id }) => `${type}/${id}`);
      for (const { target } of found) {
        const targets = target.map(({ reference }: any) => reference.split('/_history/')[0]);
        expect(targets.some((reference: string) => matches.includes(reference))).toBe(true);
      }
    },
  );
});

test.each([
  [
    'CareTeam?patient=everyfield&_include=CareTeam:participant',
    ['Organization', 'Patient', 'Practitioner', 'PractitionerRole', 'RelatedPerson'],
  ],
  ['MedicationRequest?patient=everyfield&_include=MedicationRequest:medication', ['Medication']],
  ['MedicationDispense?patient=everyfield&_include=MedicationDispense:medication', ['Medication']],
  ['PractitionerRole?_id=everyfield-role&_include=PractitionerRole:practitioner', ['Practitioner']],
  ['PractitionerRole?_id=everyfield-role&_include=PractitionerRole:endpoint', ['Endpoint']],
])('%s brings along what it names', async (query, types) => {
  const { json } = await house.fhir('GET', `/${query}`);
  const included = json.entry.filter(({ search }: any) => search.mode === 'include');
  expect([...new Set(included.map(({ resource }: any) => resource.resourceType))].sort()).toEqual(types);
});

describe('US Core’s own search parameters of Patient', () => {
  const cdc = 'urn:oid:2.16.840.1.113883.6.238';
  test.each([
    ['race', '2106-3'],
    ['race', '1586-7'],
    ['race', `${cdc}|1002-5`],
    ['race', `${cdc}|`],
    ['ethnicity', '2135-2'],
    ['ethnicity', `${cdc}|2148-5`],
    ['gender-identity', '446141000124107'],
    ['gender-identity', 'http://snomed.info/sct|446141000124107'],
  ])('%s=%s', async (code, value) => {
    expect((await find('Patient', [[code, value]])).map(({ id }) => id)).toEqual(['everyfield']);
  });
  test.each([
    ['race', '2135-2'],
    ['race', `http://snomed.info/sct|2106-3`],
    ['race', 'White and Shoshone'],
    ['ethnicity', '2106-3'],
    ['gender-identity', 'http://snomed.info/sct|248152002'],
  ])('%s=%s finds nobody', async (code, value) => {
    expect(await find('Patient', [[code, value]])).toEqual([]);
  });
});
