import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPrivacyHouse, type PrivacyHouse } from '../support/privacy-house.ts';

/** What a young person closes to a parent by a consent of their own: categories, and not the parent's part of the record. */
let house: PrivacyHouse;
const teen = 'Patient/pv-confidential-visit';
const mother = 'RelatedPerson/pv-confidential-visit-mother';
const weight = '/Observation/pv-confidential-visit-weight';
const act = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const codes = 'http://careweave.org/fhir/CodeSystem';

beforeAll(async () => {
  house = await openPrivacyHouse();
  await house.load('confidential-visit', 'emancipated-mother');
}, 60_000);
afterAll(() => house.shut());

const status = async (who: string, path: string) => (await house.as(who, 'GET', path)).status;
const denial = (provision: object = {}, patient = teen, basis: string | null = 'teen-authorised') => ({
  resourceType: 'Consent',
  status: 'active',
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
  category: [
    basis === null
      ? { coding: [{ system: 'http://loinc.org', code: '59284-0' }] }
      : { coding: [{ system: `${codes}/proxy-basis`, code: basis }] },
  ],
  patient: { reference: patient },
  policyRule: { coding: [{ system: act, code: 'OPTIN' }] },
  provision: { type: 'deny', ...provision },
});
const label = (code: string, system = act) => ({ securityLabel: [{ system, code }] });
const toMother = {
  actor: [{ role: { coding: [{ code: 'PRCP' }] }, reference: { reference: mother } }],
};

describe('what a young person closes to a parent', () => {
  test('PP-08 not the record as a whole, not where they are, and not what the policy keeps for others to close', async () => {
    for (const provision of [
      {},
      toMother,
      label('WHEREABOUTS', `${codes}/sensitivity`),
      label('PSYTHPN'),
      { ...toMother, ...label('SDV') },
      { ...label('SEX'), purpose: [{ system: act, code: 'TREAT' }] },
    ]) {
      const answer = await house.as(teen, 'POST', '/Consent', denial(provision));
      expect([JSON.stringify(provision), answer.status]).toEqual([JSON.stringify(provision), 422]);
      expect(answer.text).toContain('Consent.provision');
    }
    expect(await status(mother, weight)).toBe(200);
  });

  test('PP-08 one that is there all the same closes to the parent what they may close and leaves the rest', async () => {
    const before = await house.as(mother, 'GET', `/${teen}`);
    for (const provision of [{}, toMother, label('WHEREABOUTS', `${codes}/sensitivity`)]) {
      const made = await house.as('system', 'POST', '/Consent', denial(provision));
      expect(made.status).toBe(201);
      expect([provision, await status(mother, weight)]).toEqual([provision, 200]);
      const patient = await house.as(mother, 'GET', `/${teen}`);
      expect([patient.status, patient.json]).toEqual([200, before.json]);
      expect(await status(mother, `/Appointment?patient=${teen}`)).toBe(200);
      await house.as('system', 'DELETE', `/Consent/${made.json.id}`);
    }
  });

  test('PP-20 a denial that the staff wrote holds whole', async () => {
    const made = await house.as('system', 'POST', '/Consent', denial(toMother, teen, null));
    expect(made.status).toBe(201);
    expect(await status(mother, weight)).toBe(404);
    await house.as('system', 'DELETE', `/Consent/${made.json.id}`);
    expect(await status(mother, weight)).toBe(200);
  });

  test('PP-08 categories they close, and open again', async () => {
    const made = await house.as(teen, 'POST', '/Consent', denial({ ...toMother, ...label('SEX') }));
    expect([made.text, made.status]).toEqual([made.text, 201]);
    expect(await status(mother, weight)).toBe(200);
    const ended = { ...denial({ ...toMother, ...label('SEX') }), id: made.json.id, status: 'inactive' };
    expect((await house.as(teen, 'PUT', `/Consent/${made.json.id}`, ended)).status).toBe(200);
  });

  test('PP-05 whoever is emancipated denies as an adult does', async () => {
    const self = 'Patient/pv-emancipated-mother';
    const made = await house.as(self, 'POST', '/Consent', denial({}, self));
    expect([made.text, made.status]).toEqual([made.text, 201]);
  });
});
