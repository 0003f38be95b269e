import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { r4 } from '../../../src/fhir/types.ts';
import { openTestHouse, type TestHouse } from '../../support/house.ts';

let house: TestHouse;
const snomed = 'http://snomed.info/sct';

beforeAll(async () => {
  house = await openTestHouse();
  const records = [
    { resourceType: 'Patient', id: 'ben', birthDate: '2020-05-01', gender: 'male' },
    {
      resourceType: 'Encounter',
      id: 'visit',
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
      type: [{ coding: [{ system: snomed, code: '11429006' }] }],
      subject: { reference: 'Patient/ben' },
      period: { start: '2026-05-01T10:00:00Z', end: '2026-05-01T11:00:00Z' },
    },
  ];
  const entry = records.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  expect((await house.fhir('POST', '', { resourceType: 'Bundle', type: 'transaction', entry })).status).toBe(200);
});
afterAll(() => house?.shut());

test('a value set that a user puts in the place of ours counts at once, and its end brings ours back', async () => {
  const ours = (await house.fhir('GET', '/ValueSet?url=http://careweave.org/fhir/ValueSet/well-care')).json.entry[0]
    .resource;
  const numerator = async () => {
    const url = encodeURIComponent('http://careweave.org/fhir/Measure/well-child-visits');
    const { json } = await house.fhir(
      'GET',
      `/Measure/$evaluate-measure?measure=${url}&periodStart=2026&periodEnd=2026&subject=Patient/ben`,
    );
    return (json as r4.MeasureReport).group?.[0]?.population?.find(
      ({ code }) => code?.coding?.[0]?.code === 'numerator',
    )?.count;
  };
  expect(await numerator()).toBe(0);
  const mine = {
    resourceType: 'ValueSet',
    url: ours.url,
    status: 'active',
    compose: { include: [{ system: snomed, concept: [{ code: '11429006' }] }] },
  };
  const posted = await house.fhir('POST', '/ValueSet', mine);
  expect(posted.status).toBe(201);
  expect(await numerator()).toBe(1);
  expect((await house.fhir('DELETE', `/ValueSet/${posted.json.id}`)).status).toBe(204);
  expect(await numerator()).toBe(0);
  expect((await house.fhir('PUT', `/ValueSet/${ours.id}`, { ...mine, id: ours.id })).status).toBe(200);
  expect(await numerator()).toBe(1);
  expect((await house.measures.measureResources(house.store)).some(({ id }) => id === ours.id)).toBe(false);
});
