import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addRole, removeRole } from '../../src/access/policy/roles.ts';
import { unwrap } from '../support/house.ts';
import { openPrivacyHouse, type PrivacyHouse } from './support/privacy-house.ts';

let house: PrivacyHouse;
const child = 'Patient/pv-staff-child';
const doctor = 'Practitioner/pv-emergency';

beforeAll(async () => {
  house = await openPrivacyHouse();
  await house.load('staff-child', 'part-2', 'depressed-teen');
  unwrap(await addRole(house.store, doctor, 'break-glass'));
}, 60_000);
afterAll(() => house.shut());

const asked = (reason: string, explanation: string, hours?: number) => ({
  resourceType: 'Parameters',
  parameter: [
    { name: 'reason', valueCode: reason },
    { name: 'explanation', valueString: explanation },
    ...(hours === undefined ? [] : [{ name: 'hours', valueDecimal: hours }]),
  ],
});
const breakGlass = (who: string, patient: string, body: object) =>
  house.as(who, 'POST', `/${patient}/$break-glass`, body);

describe('break the glass', () => {
  test('PP-60 without the role it is forbidden; a proxy and a teen learn not even that it is there', async () => {
    const body = asked('ETREAT', 'unconscious');
    expect((await breakGlass('Practitioner/pv-colleague', child, body)).status).toBe(403);
    const proxy = await breakGlass('RelatedPerson/pv-staff-child-mother', child, body);
    const teen = await breakGlass('Patient/pv-part-2', 'Patient/pv-part-2', body);
    const none = await house.as('RelatedPerson/pv-staff-child-mother', 'POST', `/${child}/$no-such-thing`, body);
    expect([proxy.status, teen.status]).toEqual([404, 404]);
    expect(proxy.json).toEqual(none.json);
  });

  test('PP-60 it needs a reason code, an explanation, and ends within the hours of the policy', async () => {
    for (const body of [asked('TREAT', 'x'), asked('BTG', ' '), asked('BTG', 'x', 5), asked('BTG', 'x', 0)])
      expect((await breakGlass(doctor, child, body)).status).toBe(400);
    expect((await breakGlass(doctor, 'Patient/no-such', asked('BTG', 'x'))).status).toBe(404);
    expect(await house.store.query('SELECT 1 AS one FROM access_emergency')).toEqual([]);
  });

  test('PP-62 who could use it is told so, by 403; anybody else gets the 404 of a record that never was', async () => {
    const could = await house.as(doctor, 'GET', `/${child}`);
    expect([could.status, could.json.issue[0].code]).toEqual([403, 'suppressed']);
    expect(could.text).toContain('btg-available');
    const other = await house.as('Practitioner/pv-colleague', 'GET', `/${child}`);
    const never = await house.as('Practitioner/pv-colleague', 'GET', '/Patient/never-was');
    expect([other.status, other.json]).toEqual([404, never.json]);
    expect((await house.as(doctor, 'GET', '/Patient/never-was')).status).toBe(404);
    // Psychotherapy notes are not opened by it, so nothing is said of them either.
    expect((await house.as(doctor, 'GET', '/DocumentReference/pv-depressed-teen-psychotherapy-note')).status).toBe(404);
  });

  test('PP-61 PP-60 it opens one patient for some hours, asks for a review, and ends by itself', async () => {
    house.at('2026-11-23T12:00:00-05:00');
    const opened = await breakGlass(doctor, 'Patient/pv-part-2', asked('ETREAT', 'overdose, needs the dose', 2));
    expect(opened.status).toBe(200);
    const review = opened.json.parameter.find(({ name }: any) => name === 'review').valueReference.reference;
    const { json: task } = await house.as('Practitioner/pv-officer', 'GET', `/${review}`);
    expect([task.status, task.for.reference]).toEqual(['requested', 'Patient/pv-part-2']);
    expect((await house.as(doctor, 'GET', '/MedicationRequest/pv-part-2-buprenorphine')).status).toBe(200);
    // Not the other chart, not another person, and no psychotherapy note.
    expect((await house.as(doctor, 'GET', `/${child}`)).status).toBe(403);
    expect((await house.as('Practitioner/pv-doctor', 'GET', '/MedicationRequest/pv-part-2-buprenorphine')).status).toBe(
      404,
    );
    // Nobody of the family learns of the review.
    expect((await house.as('Patient/pv-part-2', 'GET', `/${review}`)).status).toBe(404);
    house.at('2026-11-23T13:59:59-05:00');
    expect((await house.as(doctor, 'GET', '/MedicationRequest/pv-part-2-buprenorphine')).status).toBe(200);
    house.at('2026-11-23T14:00:00-05:00');
    expect((await house.as(doctor, 'GET', '/MedicationRequest/pv-part-2-buprenorphine')).status).toBe(403);
    const [row] = await house.store.query<{ reason: string; policy: string }>(
      'SELECT reason, policy FROM access_emergency',
    );
    expect(row).toEqual({ reason: 'ETREAT', policy: 'careweave-default-3' });
    expect(await house.command('emergency', 'list')).toContain('Patient/pv-part-2\tETREAT\toverdose, needs the dose');
  });

  test('PP-60 whoever loses the role loses what it opened', async () => {
    house.at('2026-11-23T15:00:00-05:00');
    expect((await breakGlass(doctor, child, asked('BTG', 'on call'))).status).toBe(200);
    expect((await house.as(doctor, 'GET', `/${child}`)).status).toBe(200);
    unwrap(await removeRole(house.store, doctor, 'break-glass'));
    house.access.forget();
    expect((await house.as(doctor, 'GET', `/${child}`)).status).toBe(404);
  });
});
