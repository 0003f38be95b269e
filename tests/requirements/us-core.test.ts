import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { demoTown } from '../../fixtures/town/index.ts';
import { readConfig } from '../../src/config.ts';
import { createValidator } from '../../src/fhir/validate.ts';
import { openTestHouse, type TestHouse } from '../support/house.ts';

const root = join(import.meta.dirname, '..', '..');
const usCore = 'http://hl7.org/fhir/us/core/StructureDefinition';

describe('US-08 US Core’s profiles are checked here', () => {
  const validate = createValidator(join(root, 'build/fhir'));
  const persona: any[] = JSON.parse(readFileSync(demoTown().persona, 'utf8')).entry.map(
    ({ resource }: any) => resource,
  );
  const errors = (resource: any) =>
    validate(resource).filter(({ severity }) => severity !== 'warning' && severity !== 'information');
  const claiming = (name: string) =>
    persona.find(({ meta, dataAbsentReason }) => meta?.profile?.includes(`${usCore}/${name}`) && !dataAbsentReason);

  test.each<[string, string[]]>([
    ['us-core-patient', ['identifier', 'name', 'gender']],
    ['us-core-implantable-device', ['type']],
    ['us-core-blood-pressure', ['category', 'code', 'effectiveDateTime']],
    ['us-core-medicationrequest', ['medicationCodeableConcept', 'requester']],
    ['us-core-smokingstatus', ['category', 'valueCodeableConcept']],
  ])('US-08 %s: what the persona shows is right, and wrong without what the profile demands', (name, demanded) => {
    const shown = claiming(name);
    expect([name, shown === undefined]).toEqual([name, false]);
    expect(errors(shown)).toEqual([]);
    const there = demanded.filter((element) => shown[element] !== undefined);
    expect(there.length).toBeGreaterThan(0);
    for (const element of there) {
      const { [element]: _gone, ...rest } = shown;
      expect([element, errors(rest).length > 0]).toEqual([element, true]);
    }
  });
});

describe('US-10', () => {
  let house: TestHouse;
  beforeAll(async () => {
    house = await openTestHouse();
  }, 60_000);
  afterAll(() => house.shut());

  test('US-10 the capability sets of a patient’s standalone app and a clinician’s EHR launch are there, and introspection answers', async () => {
    const found = await (await fetch(`${house.url}/fhir/.well-known/smart-configuration`)).json();
    for (const one of [
      ...['launch-standalone', 'client-public', 'client-confidential-symmetric', 'context-standalone-patient'],
      ...['launch-ehr', 'context-ehr-patient', 'context-ehr-encounter', 'permission-patient', 'permission-user'],
      ...['permission-offline', 'sso-openid-connect', 'permission-v2'],
    ])
      expect(found.capabilities).toContain(one);
    const asked = await fetch(found.introspection_endpoint, {
      method: 'POST',
      body: new URLSearchParams({ token: 'none' }),
    });
    expect(asked.status).toBe(401);
  });

  test('US-10 nobody serves people in production without TLS before it', () => {
    const env = { NODE_ENV: 'production', DATA_DIR: '/nowhere', PORT: '1' };
    expect(readConfig(root, { ...env, PUBLIC_URL: 'http://kids.example.org' }).ok).toBe(false);
    expect(readConfig(root, { ...env, PUBLIC_URL: 'https://kids.example.org' }).ok).toBe(true);
  });
});
