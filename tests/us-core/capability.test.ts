import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { usCoreSearches } from '../../src/fhir/us-core-searches.ts';
import { openTestHouse, type TestHouse } from '../support/house.ts';

/** US-07: what a client finds before it has a token. */
let house: TestHouse;
let statement: any;
beforeAll(async () => {
  house = await openTestHouse();
  const answer = await fetch(`${house.url}/fhir/metadata`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringContaining('json')]);
  statement = await answer.json();
});
afterAll(() => house?.shut());

const of = (type: string) => statement.rest[0].resource.find((one: { type: string }) => one.type === type);
const combinations = (type: string): string[] =>
  (of(type).extension ?? []).map(({ extension }: any) =>
    extension.map(({ valueString }: any) => valueString).join('+'),
  );

test('US-07: it is a FHIR R4 server that instantiates US Core', () => {
  expect(statement).toMatchObject({ fhirVersion: '4.0.1', kind: 'instance' });
  expect(statement.format).toContain('json');
  expect(statement.instantiates).toEqual(['http://hl7.org/fhir/us/core/CapabilityStatement/us-core-server']);
});

test('US-07: it names the profiles that it knows, and each of them can be asked of $validate', async () => {
  const named: [string, string][] = statement.rest[0].resource.flatMap(({ type, supportedProfile = [] }: any) =>
    supportedProfile.map((url: string) => [type, url]),
  );
  const ours = 'http://hl7.org/fhir/us/core/StructureDefinition';
  for (const name of ['patient', 'blood-pressure', 'smokingstatus', 'implantable-device', 'medicationrequest'])
    expect(named.map(([, url]) => url)).toContain(`${ours}/us-core-${name}`);
  for (const [type, url] of named) {
    const { json } = await house.fhir('POST', `/${type}/$validate?profile=${encodeURIComponent(url)}`, {
      resourceType: type,
    });
    expect([url, JSON.stringify(json).includes('not loaded here')]).toEqual([url, false]);
  }
});

test('a profile that is loaded is named from then on', async () => {
  const url = 'http://everyfield.example/StructureDefinition/goal';
  const profile = {
    resourceType: 'StructureDefinition',
    url,
    name: 'LoadedGoal',
    status: 'active',
    kind: 'resource',
    abstract: false,
    type: 'Goal',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Goal',
    derivation: 'constraint',
    differential: { element: [{ id: 'Goal', path: 'Goal' }] },
  };
  const named = async () => {
    const { json } = await house.fhir('GET', '/metadata');
    return json.rest[0].resource.filter(({ supportedProfile = [] }: any) => supportedProfile.includes(url));
  };
  expect(await named()).toEqual([]);
  expect((await house.fhir('POST', '/StructureDefinition', profile)).status).toBe(201);
  const until = Date.now() + 8000;
  while ((await named()).length === 0 && Date.now() < until);
  expect((await named()).map(({ type }: any) => type)).toEqual(['Goal']);
});

describe.each(Object.entries(usCoreSearches))('%s', (type, { shall, should = [] }) => {
  const all = [...shall, ...should];
  test('declares every parameter and combination of US Core, and what reads it', () => {
    const declared = of(type).searchParam.map(({ name }: any) => name);
    for (const code of new Set(all.flat())) expect(declared).toContain(code);
    expect(combinations(type)).toEqual(all.filter((set) => set.length > 1).map((set) => set.join('+')));
    const interactions = of(type).interaction.map(({ code }: any) => code);
    for (const code of ['read', 'vread', 'history-instance', 'search-type']) expect(interactions).toContain(code);
    if (all.flat().includes('patient')) expect(of(type).searchRevInclude).toContain('Provenance:target');
  });
});
