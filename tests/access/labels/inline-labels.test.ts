import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPrivacyHouse, type PrivacyHouse } from '../support/privacy-house.ts';

/** Labels within a record, at the server (PP-34): what they hide as long as they stand there, and that they stay. */
let house: PrivacyHouse;
const doctor = 'Practitioner/pv-doctor';
const officer = 'Practitioner/pv-officer';
const mother = 'RelatedPerson/pv-custody-mother';
const subject = { reference: 'Patient/pv-custody' };
const act = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const url = 'http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label';
const inline = (code: string) => ({ extension: [{ url, valueCoding: { system: act, code } }] });
const code = { text: 'an invented result' };
const observation = (id: string, component: object[]) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code,
  subject,
  component: component.map((one) => ({ code, valueString: 'an invented value', ...one })),
});
const status = async (who: string, path: string) => (await house.as(who, 'GET', path)).status;
const put = async (who: string, resource: { resourceType: string; id: string }) =>
  (await house.as(who, 'PUT', `/${resource.resourceType}/${resource.id}`, resource)).status;

beforeAll(async () => {
  house = await openPrivacyHouse();
  await house.load('custody');
}, 60_000);
afterAll(() => house.shut());

describe('PP-34 a label within a record of which nothing is told by itself', () => {
  test('PP-34 hides the record as one on it would', async () => {
    expect(await put('system', observation('part-two', [{}, inline('42CFRPart2')]))).toBe(201);
    expect(await put('system', observation('undiscussed', [{}, inline('TBOO')]))).toBe(201);
    expect(await status(doctor, '/Observation/part-two')).toBe(404);
    expect(await status(officer, '/Observation/part-two')).toBe(200);
    expect([
      await status(mother, '/Observation/undiscussed'),
      await status(doctor, '/Observation/undiscussed'),
    ]).toEqual([404, 200]);
    const found = await house.as(doctor, 'GET', '/Observation?subject=Patient/pv-custody&_id=part-two&_total=accurate');
    expect([found.json.total, found.json.entry]).toEqual([0, undefined]);
  });

  test('PP-34 PP-31 stays whoever leaves it out, and goes by $release only', async () => {
    expect(await put(doctor, observation('undiscussed', [{}, {}]))).toBe(200);
    expect(await status(mother, '/Observation/undiscussed')).toBe(404);
    const released = await house.as(doctor, 'POST', '/Observation/undiscussed/$release', {
      resourceType: 'Parameters',
    });
    expect([released.text, released.status]).toEqual([released.text, 200]);
    expect(await status(mother, '/Observation/undiscussed')).toBe(200);
    expect((await house.as(doctor, 'GET', '/Observation/undiscussed')).text).not.toContain('TBOO');
  });

  test('PP-34 PP-31 staff are told of it', async () => {
    const answer = await house.as(officer, 'GET', '/Observation/part-two/$labels');
    expect(answer.text).toContain('part2: by a label within it');
  });

  test('PP-34 PP-33 is not told to a family that sees the record', async () => {
    expect(await put('system', observation('told', [inline('DIS'), { _valueString: inline('DIS') }]))).toBe(201);
    const told = await house.as(mother, 'GET', '/Observation/told');
    expect([told.status, told.json.component]).toEqual([
      200,
      [
        { code, valueString: 'an invented value' },
        { code, valueString: 'an invented value' },
      ],
    ]);
    expect((await house.as(mother, 'GET', '/Observation?_id=told')).text).not.toContain(url);
    expect((await house.as(doctor, 'GET', '/Observation/told')).text).toContain(url);
  });
});
