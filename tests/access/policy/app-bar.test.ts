import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPrivacyHouse, type PrivacyHouse } from '../support/privacy-house.ts';

/** PP-53: a young person says through which kind of app the parents may not look. People ask through the app `app`. */
let house: PrivacyHouse;
const teen = 'Patient/pv-confidential-visit';
const mother = 'RelatedPerson/pv-confidential-visit-mother';
const aunt = 'RelatedPerson/pv-confidential-visit-aunt';
const weight = '/Observation/pv-confidential-visit-weight';
const codes = 'http://careweave.org/fhir/CodeSystem';

beforeAll(async () => {
  house = await openPrivacyHouse();
  await house.load('confidential-visit', 'turning-twelve');
}, 60_000);
afterAll(() => house.shut());

const status = async (who: string, path: string) => (await house.as(who, 'GET', path)).status;
/** Makes the app through which everybody asks one of the house's own, or one of somebody else. */
async function appIs(kind: 'own' | 'outside'): Promise<void> {
  await house.store.query(
    `INSERT INTO auth_client (id, name, type, scopes, first_party, created_at) VALUES ('app', 'App', 'public', '', $1, now())
     ON CONFLICT (id) DO UPDATE SET first_party = excluded.first_party`,
    [kind === 'own'],
  );
  house.access.forget();
}
const bar = (more: object = {}, provision: object = {}) => ({
  resourceType: 'Consent',
  status: 'active',
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
  category: [{ coding: [{ system: `${codes}/proxy-basis`, code: 'teen-authorised' }] }],
  patient: { reference: teen },
  policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
  provision: { type: 'deny', code: [{ coding: [{ system: `${codes}/app-class`, code: 'outside' }] }], ...provision },
  ...more,
});

let id = '';
const change = async (who: string, consent: object) =>
  (await house.as(who, 'PUT', `/Consent/${id}`, { ...consent, id })).status;

describe('a young person bars a kind of app', () => {
  test('PP-53 nobody else does it for them, and a parent does not take it back', async () => {
    for (const who of [mother, 'Patient/pv-turning-twelve'])
      expect([who, (await house.as(who, 'POST', '/Consent', bar())).status >= 403]).toEqual([who, true]);
    expect(
      await house.store.query(`SELECT 1 AS one FROM resource WHERE type = 'Consent' AND content LIKE '%app-class%'`),
    ).toEqual([]);
    expect(await status(mother, weight)).toBe(200);
    const made = await house.as(teen, 'POST', '/Consent', bar());
    expect([made.text, made.status]).toEqual([made.text, 201]);
    id = made.json.id;
    expect(await status(mother, `/Consent/${id}`)).toBe(404);
    expect(await change(mother, bar({ status: 'inactive' }))).toBeGreaterThanOrEqual(403);
    expect([403, 404]).toContain((await house.as(mother, 'DELETE', `/Consent/${id}`)).status);
  });

  test('PP-53 through a barred app a parent sees nothing of this child, like of one that never was; through another app what they saw', async () => {
    for (const who of [mother, aunt])
      for (const path of [weight, `/${teen}`, '/Immunization/pv-confidential-visit-hpv'])
        expect([who, path, await status(who, path)]).toEqual([who, path, 404]);
    const found = await house.as(mother, 'GET', `/Observation?patient=${teen}`);
    expect(found.json.total ?? 0).toBe(0);
    await appIs('own');
    for (const who of [mother, aunt]) expect([who, await status(who, weight)]).toEqual([who, 200]);
    await appIs('outside');
    expect(await status(mother, weight)).toBe(404);
    // The young person's own apps, other children, and the clinic go on.
    expect(await status(teen, weight)).toBe(200);
    expect(await status('Practitioner/pv-doctor', weight)).toBe(200);
    expect(await status('RelatedPerson/pv-turning-twelve-father', '/Observation/pv-turning-twelve-weight')).toBe(200);
  });

  test('PP-53 what is not understood of it is not taken of them, bars every app when it is there, and what they take back is open again', async () => {
    await appIs('own');
    for (const code of [
      [{ coding: [{ system: `${codes}/app-class`, code: 'no-such' }] }],
      [{ text: 'all apps' }],
      [{ coding: [{ system: `${codes}/app-class`, code: 'outside' }] }, { text: 'and others' }],
    ]) {
      expect(await change(teen, bar({}, { code }))).toBe(422);
      expect([code, await status(mother, weight)]).toEqual([code, 200]);
      expect(await change('system', bar({}, { code }))).toBe(200);
      expect([code, await status(mother, weight)]).toEqual([code, 404]);
      expect(await change(teen, bar({ status: 'inactive' }))).toBe(200);
    }
    expect(await change(teen, bar())).toBe(200);
    expect(await change(teen, bar({ status: 'inactive' }))).toBe(200);
    await appIs('outside');
    expect(await status(mother, weight)).toBe(200);
  });
});
