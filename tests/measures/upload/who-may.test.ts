import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPrivacyHouse, type PrivacyHouse } from '../../access/support/privacy-house.ts';
import { cqlOf, library, measure } from './bundle.ts';

let house: PrivacyHouse;
beforeAll(async () => {
  house = await openPrivacyHouse();
  await house.load('confidential-visit');
});
afterAll(() => house.shut());

const body = ['parameter "Measurement Period" Interval<DateTime>', 'context Patient', 'define "All": true'].join('\n');
const mine = library('Mine', { cql: cqlOf('Mine', body) });
const asks = measure('Mine', 'proportion', { 'initial-population': 'All', denominator: 'All', numerator: 'All' });
const list = (url: string) => ({ resourceType: 'ValueSet', status: 'active', url });

describe('what decides everybody’s numbers', () => {
  test.each(['Practitioner/pv-doctor', 'Patient/pv-confidential-visit', 'RelatedPerson/pv-confidential-visit-mother'])(
    'is not brought in the name of %s',
    async (person) => {
      for (const resource of [mine, asks, list('http://careweave.org/fhir/ValueSet/well-care')])
        expect((await house.as(person, 'POST', `/${resource.resourceType}`, resource)).status).toBe(403);
      const well = await house.as('system', 'GET', '/ValueSet/well-care');
      const put = await house.as(person, 'PUT', '/ValueSet/well-care', { ...well.json, title: 'Mine' });
      const removed = await house.as(person, 'DELETE', '/ValueSet/well-care');
      // To a family it is as if there were no such list to change.
      for (const { status } of [put, removed]) expect([403, 404]).toContain(status);
      expect((await house.as('system', 'GET', '/ValueSet/well-care')).json.title).toBe(well.json.title);
    },
  );

  test('a clinician’s own list is the clinician’s', async () => {
    const made = await house.as(
      'Practitioner/pv-doctor',
      'POST',
      '/ValueSet',
      list('http://example.org/ValueSet/mine'),
    );
    expect(made.status).toBe(201);
  });
});
