import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { demoTown } from '../../fixtures/town/index.ts';
import { parseScopes } from '../../src/access/scopes.ts';
import type { Principal } from '../../src/access/types.ts';
import { systemClock } from '../../src/base/clock.ts';
import { ok } from '../../src/base/errors.ts';
import { createProvenance } from '../../src/care/provenance/provenance.ts';
import { loadDefinitions } from '../../src/fhir/definitions.ts';
import { usCoreSearches } from '../../src/fhir/us-core-searches.ts';
import { referencesIn } from '../fixtures/loaded-town.ts';
import { startHttp, type TestHttp } from '../support/http.ts';

/** US-11: a scope for each type by itself. Tokens are scopes; `patient/` ones are for the persona. */
const types = [
  ...['AllergyIntolerance', 'CarePlan', 'CareTeam', 'Condition', 'Coverage', 'Device', 'DiagnosticReport'],
  ...['DocumentReference', 'Encounter', 'Goal', 'Immunization', 'MedicationDispense', 'MedicationRequest'],
  ...['Observation', 'Organization', 'Patient', 'Practitioner', 'PractitionerRole', 'Procedure', 'Provenance'],
  ...['QuestionnaireResponse', 'RelatedPerson', 'ServiceRequest', 'Specimen', 'FamilyMemberHistory', 'Location'],
];
const definitions = loadDefinitions(path.join(import.meta.dirname, '../../build/fhir'));
let http: TestHttp;

function principal(scope: string): Principal {
  const { resource: scopes } = parseScopes(scope.replaceAll('+', ' '), definitions.types);
  const isPatients = scope.startsWith('patient/');
  return isPatients
    ? {
        kind: 'user',
        id: 'Practitioner/x',
        clientId: 'page',
        patientId: 'everyfield',
        fhirUser: 'Practitioner/x',
        scopes,
      }
    : { kind: 'client', id: 'test', clientId: 'test', scopes };
}

beforeAll(async () => {
  const { conclusions } = createProvenance({ definitions, clock: systemClock, baseUrl: 'http://here.example/fhir' });
  const verifyBearer = async (header = '') => ok(principal(header.replace('Bearer ', '')));
  http = await startHttp({ verifyBearer }, { conclusions });
  const town = demoTown();
  for (const file of [town.organizations, town.children[0]?.bundle ?? '', town.persona]) {
    const loaded = await http.send('POST', '/fhir', { as: 'system/*.cruds', text: readFileSync(file, 'utf8') });
    expect(loaded.status).toBe(200);
  }
});
afterAll(() => http?.close());

const idsOf = (answer: { json: any }): string[] =>
  (answer.json.entry ?? []).map(({ resource }: any) => resource.id).sort();

test.each(types)('US-11: %s: its scope opens it and nothing else', async (type) => {
  for (const level of ['system', 'patient']) {
    const as = `${level}/${type}.rs`;
    expect((await http.send('GET', `/fhir/${type}`, { as })).status).toBe(200);
    const other = type === 'Goal' ? 'Condition' : 'Goal';
    expect((await http.send('GET', `/fhir/${other}`, { as })).status).toBe(403);
    expect((await http.send('GET', `/fhir/${other}/everyfield-goal`, { as })).status).toBe(403);
    expect((await http.send('POST', `/fhir/${type}`, { as, body: { resourceType: type } })).status).toBe(403);
  }
});

describe('a token for the persona', () => {
  const own = Object.keys(usCoreSearches).filter((type) => usCoreSearches[type]?.shall.flat().includes('patient'));
  test.each(own)('%s: finds all that is hers, and nobody else’s', async (type) => {
    const as = 'patient/*.rs';
    const wanted = idsOf(await http.send('GET', `/fhir/${type}?patient=everyfield&_count=1000`, { as: 'system/*.rs' }));
    expect(wanted.length).toBeGreaterThan(0);
    expect(idsOf(await http.send('GET', `/fhir/${type}?_count=1000`, { as }))).toEqual(wanted);
    const mine = await http.send('GET', `/fhir/${type}?patient=everyfield&_count=1000&_revinclude=Provenance:target`, {
      as,
    });
    expect(idsOf(mine)).toEqual(expect.arrayContaining(wanted));
    const told = mine.json.entry.filter(({ resource }: any) => resource.resourceType === 'Provenance');
    expect(told.length).toBeGreaterThan(0);
  });
  test('reads all that her record and its Provenance refer to', async () => {
    const as = 'patient/*.rs';
    const { json } = await http.send('GET', '/fhir/Provenance?_count=1000', { as });
    const told = json.entry.map(({ resource }: any) => resource);
    expect(told.length).toBeGreaterThan(1);
    const record = JSON.parse(readFileSync(demoTown().persona, 'utf8')).entry.filter(
      ({ resource }: any) => resource.id !== 'everyfield-late',
    );
    for (const reference of new Set(referencesIn([record, told])))
      expect([reference, (await http.send('GET', `/fhir/${reference}`, { as })).status]).toEqual([reference, 200]);
    expect((await http.send('GET', '/fhir/Patient/everyfield-late', { as })).status).toBe(404);
  });
  test('without a scope for Provenance is told nothing of it', async () => {
    const as = 'patient/Condition.rs';
    const { json } = await http.send('GET', '/fhir/Condition?_revinclude=Provenance:target', { as });
    expect(new Set(json.entry.map(({ resource }: any) => resource.resourceType))).toEqual(new Set(['Condition']));
  });
});
