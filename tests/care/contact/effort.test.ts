import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chargeId } from '../../../src/care/contact/effort/derive-charges.ts';
import { openPrograms, type Programs } from '../program/town.ts';
import * as a from '../support/child.ts';

const canonical = 'http://careweave.org/fhir';
const coded = (system: string, code: string) => ({ coding: [{ system: `${canonical}/CodeSystem/${system}`, code }] });
const min = (value: number) => ({ value, unit: 'min', system: 'http://unitsofmeasure.org', code: 'min' });
const nurse = 'PractitionerRole/gus-regional';
const doctor = 'PractitionerRole/doctor-regional';

let at: Programs;
let child: string;
let episode: string;
beforeAll(async () => {
  at = await openPrograms('2026-02-01T09:00:00Z');
  const role = await at.resource('PractitionerRole', 'gus-regional');
  await at.put(
    { ...role, code: [coded('effort-function', 'clinical-staff')] },
    {
      ...role,
      id: 'doctor-regional',
      practitioner: { reference: 'Practitioner/pcp' },
      code: [coded('effort-function', 'qualified-professional')],
    },
  );
  ({ child, episode } = await enrolled());
});
afterAll(() => at.close());

async function enrolled() {
  const id = await at.child();
  const answer = await at.post(`Patient/${id}/$enroll`, {
    program: 'HealthcareService/regional',
    status: 'active',
    careManager: nurse,
    consent: `Consent/yes-${id}`,
  });
  return { child: id, episode: answer.json.id as string };
}
const visit = (id: string, start: string, more: object = {}) => ({
  resourceType: 'Encounter',
  id,
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'VR' },
  type: [coded('care-activity', 'follow-up')],
  subject: { reference: `Patient/${child}` },
  participant: [{ individual: { reference: nurse } }],
  episodeOfCare: [{ reference: `EpisodeOfCare/${episode}` }],
  period: { start },
  length: min(20),
  ...more,
});
const oversight = (id: string, more: object = {}) => ({
  resourceType: 'ChargeItem',
  id,
  status: 'not-billable',
  code: coded('care-activity', 'oversight'),
  subject: { reference: `Patient/${child}` },
  context: { reference: `EpisodeOfCare/${episode}` },
  occurrenceDateTime: '2026-02-10',
  performer: [{ function: coded('effort-function', 'qualified-professional'), actor: { reference: doctor } }],
  quantity: min(15),
  ...more,
});
const charge = (visitId: string, who = nurse) => at.resource('ChargeItem', chargeId(visitId, who));
const refused = async (body: object) => a.refusedBy(await a.tryPut(at.store, a.coordinator, body as never));
const months = ({ json }: { json: any }) =>
  Object.fromEntries(
    (json.parameter ?? []).map(({ part }: any) => {
      const of = (name: string, key: string) =>
        Object.fromEntries(
          part
            .filter((one: any) => one.name === name)
            .map((one: any) => {
              const read = (wanted: string) => one.part.find((each: any) => each.name === wanted);
              const found = read(key);
              return [found.valueCode ?? found.valueReference.reference, read('minutes').valueDecimal];
            }),
        );
      const [{ valueString: month }, { valueDecimal: minutes }] = part;
      return [
        month,
        { minutes, function: of('function', 'code'), staff: of('staff', 'who'), activity: of('activity', 'code') },
      ];
    }),
  );
const effort = async (query = '') => months(await at.send('GET', `/fhir/Patient/${child}/$effort${query}`));

describe('S1.12 every minute logged', () => {
  test('S1.12 ties to child, episode, activity and staff: a contact’s by itself, without a code of billing', async () => {
    await at.put(visit('v1', '2026-02-03T10:00:00Z'));
    const made = await charge('v1');
    expect(made).toMatchObject({
      resourceType: 'ChargeItem',
      status: 'not-billable',
      code: coded('care-activity', 'follow-up'),
      subject: { reference: `Patient/${child}` },
      context: { reference: `EpisodeOfCare/${episode}` },
      occurrencePeriod: { start: '2026-02-03T10:00:00Z' },
      performer: [{ function: coded('effort-function', 'clinical-staff'), actor: { reference: nurse } }],
      quantity: min(20),
      supportingInformation: [{ reference: 'Encounter/v1' }],
    });
    expect(made.code.coding).toHaveLength(1);
  });

  test.each([
    ['no child', { subject: { display: 'A child' } }],
    ['no episode', { context: undefined }],
    ['nobody', { performer: [] }],
    ['two at once', { performer: [{ actor: { reference: nurse } }, { actor: { reference: doctor } }] }],
    ['no day', { occurrenceDateTime: undefined }],
    ['no minutes', { quantity: { value: 3, unit: 'h' } }],
    ['no time at all', { quantity: min(0) }],
    ['nothing said whose they are', { performer: [{ actor: { reference: doctor } }] }],
    ['an episode that is not here', { context: { reference: 'EpisodeOfCare/none' } }],
  ])('S1.12 minutes of %s are refused', async (_, more) => {
    expect(await refused(oversight('o-bad', more))).toBe('effort-complete');
  });

  test('S1.12 minutes of another child’s episode are refused', async () => {
    const other = await enrolled();
    expect(await refused(oversight('o-bad', { context: { reference: `EpisodeOfCare/${other.episode}` } }))).toBe(
      'effort-complete',
    );
  });

  test('S1.12 they follow the contact, and nobody writes them by hand; what is decided about them stays', async () => {
    await at.put(
      visit('v2', '2026-01-05T10:00:00Z', {
        participant: [nurse, doctor].map((reference) => ({ individual: { reference } })),
      }),
    );
    const made = await charge('v2');
    expect(await refused({ ...made, quantity: min(90) })).toBe('effort-follows-contact');
    expect(await refused({ ...made, status: 'entered-in-error' })).toBe('effort-follows-contact');
    expect(
      await refused({
        ...made,
        id: chargeId('v2', 'Practitioner/pcp'),
        performer: [{ actor: { reference: 'Practitioner/pcp' } }],
      }),
    ).toBe('effort-follows-contact');
    expect(await refused({ ...made, status: 'billable', note: [{ text: 'Agreed' }] })).toBeUndefined();
    await at.put(visit('v2', '2026-01-05T10:00:00Z', { length: min(35) }));
    expect(await charge('v2')).toMatchObject({ status: 'billable', quantity: min(35), note: [{ text: 'Agreed' }] });
    expect((await charge('v2', doctor)).status).toBe('entered-in-error');
    await at.put(visit('v2', '2026-01-05T10:00:00Z', { status: 'entered-in-error' }));
    expect((await charge('v2')).status).toBe('entered-in-error');
    expect(await effort('?month=2026-01')).toEqual({});
  });

  test('S1.12 a confidential contact’s minutes are as confidential', async () => {
    const code = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'MH' };
    await at.put(visit('v-mh', '2025-12-05T10:00:00Z', { meta: { security: [code] } }));
    expect((await charge('v-mh')).meta.security).toEqual([code]);
  });

  test('an Encounter without minutes, or of a hospital, has none', async () => {
    await at.put(visit('v3', '2026-01-06T10:00:00Z', { length: undefined }));
    expect(await charge('v3')).toMatchObject({ resourceType: 'OperationOutcome' });
  });
});

describe('S1.13 the clock of physicians and other qualified professionals', () => {
  test('S1.13 the monthly summary splits clinical staff and QHP minutes', async () => {
    await at.put(
      visit('s1', '2026-03-02T10:00:00Z'),
      visit('s2', '2026-03-31T23:59:00Z', { length: min(15), status: 'cancelled', extension: [notHome] }),
      // Both were there, the doctor for a part of it.
      visit('s3', '2026-03-04T10:00:00Z', {
        length: min(30),
        participant: [
          { individual: { reference: nurse } },
          { individual: { reference: doctor }, period: { start: '2026-03-04T10:00:00Z', end: '2026-03-04T10:10:00Z' } },
        ],
      }),
      oversight('o1', { occurrenceDateTime: '2026-03-15' }),
      // Nobody has said what a home nurse is.
      visit('s4', '2026-03-05T10:00:00Z', { participant: [{ individual: { reference: 'Practitioner/home-nurse' } }] }),
      visit('s5', '2026-04-01T00:00:00Z', { length: min(7) }),
    );
    expect(await effort('?month=2026-03')).toEqual({
      '2026-03': {
        minutes: 110,
        function: { 'clinical-staff': 65, 'qualified-professional': 25, 'not-said': 20 },
        staff: { [nurse]: 65, [doctor]: 25, 'Practitioner/home-nurse': 20 },
        activity: { 'follow-up': 95, oversight: 15 },
      },
    });
    expect((await effort())['2026-04']).toMatchObject({ minutes: 7 });
    expect((await at.send('GET', `/fhir/Patient/${child}/$effort?month=March`)).status).toBe(400);
    expect((await at.send('GET', `/fhir/Patient/${child}/$effort`, { as: 'child-a' })).status).toBe(404);
  });

  test('S1.13 a role that is said in the contact counts before the person’s own', async () => {
    const participant = [
      { individual: { reference: nurse }, type: [coded('effort-function', 'qualified-professional')] },
    ];
    await at.put(visit('s6', '2026-05-02T10:00:00Z', { participant }));
    expect((await effort('?month=2026-05'))['2026-05'].function).toEqual({ 'qualified-professional': 20 });
  });

  test('D12 the minutes of a program are seen by whom it lets see its costs', async () => {
    const ask = () => at.send('GET', '/fhir/HealthcareService/regional/$effort?month=2026-03');
    expect(months(await ask())['2026-03'].minutes).toBe(110);
    const outside = await at.send('GET', '/fhir/HealthcareService/regional/$effort', { as: 'child-a' });
    expect([outside.status, outside.text]).toEqual([403, expect.stringContaining('who may see what its work costs')]);
  });
});

describe('S4.18 scope of work', () => {
  test('S4.18 logging out-of-scope work warns and is reported; within it, or where nobody has said, it does not', async () => {
    const role = await at.resource('PractitionerRole', 'luz-regional');
    const does = ['follow-up', 'coach'].map((valueCode) => ({
      url: `${canonical}/StructureDefinition/scope-of-work`,
      valueCode,
    }));
    await at.put({ ...role, extension: [...(role.extension ?? []), ...does] });
    const participant = [{ individual: { reference: 'PractitionerRole/luz-regional' } }];
    const log = (id: string, code: string, minutes: number) =>
      visit(id, '2026-06-02T10:00:00Z', { participant, type: [coded('care-activity', code)], length: min(minutes) });
    const warnings = async () =>
      ((await at.send('GET', '/fhir/Task?owner=PractitionerRole/luz-regional')).json.entry ?? []).map(
        ({ resource }: any) => resource,
      );
    await at.put(log('w1', 'coach', 10), visit('w0', '2026-06-01T10:00:00Z'));
    expect(await warnings()).toEqual([]);
    await at.put(log('w2', 'paperwork', 25), log('w3', 'coverage', 5));
    expect(await warnings()).toMatchObject([{ status: 'requested', code: { coding: [{ code: 'out-of-scope' }] } }]);
    const { json } = await at.send('GET', `/fhir/Patient/${child}/$effort?month=2026-06`);
    const staff = json.parameter[0].part.filter(({ name }: any) => name === 'staff').map(({ part }: any) => part);
    const out = (parts: any[]) => parts.find(({ name }) => name === 'outOfScope')?.valueDecimal;
    expect(staff.map(out)).toEqual([undefined, 30]);
    await at.put(log('w2', 'coach', 25));
    expect((await charge('w2', 'PractitionerRole/luz-regional')).extension).toBeUndefined();
  });
});

const notHome = {
  url: `${canonical}/StructureDefinition/contact-outcome`,
  valueCodeableConcept: coded('contact-outcome', 'not-home'),
};
