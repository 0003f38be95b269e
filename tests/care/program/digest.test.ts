import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestContent } from '../../../src/care/program/digest/digest-content.ts';
import { digestText } from '../../../src/care/program/digest/digest-text.ts';
import { isTimeZone, monthOf, nextMonth, startOf } from '../../../src/care/program/digest/month.ts';
import type { Actor, Visibility } from '../../../src/store/types.ts';
import * as a from '../support/child.ts';
import { openPrograms, type Programs } from './town.ts';

const canonical = 'http://careweave.org/fhir';
const hidden = new Set<string>();
let at: Programs;
beforeAll(async () => {
  at = await openPrograms('2026-04-03T09:00:00Z', {
    zone: 'America/Chicago',
    // What the clinician may read: nothing of the types in `hidden`.
    readsAs: async (): Promise<Visibility> => ({
      kind: 'limited',
      grants: [
        {
          types: new Set(
            ['Patient', 'EpisodeOfCare', 'Encounter', 'Communication', 'Task', 'Flag', 'Condition'].filter(
              (type) => !hidden.has(type),
            ),
          ),
        },
      ],
    }),
  });
});
afterAll(() => at.close());

const coded = (system: string, code: string) => ({ coding: [{ system: `${canonical}/CodeSystem/${system}`, code }] });
const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const user = (id: string): Actor => ({ kind: 'user', id, requestId: 'test' });
const why = ({ json }: { json: any }) => json.issue?.[0]?.diagnostics ?? json.issue?.[0]?.details?.text;
const on = (instant: string) => {
  at.now.at = new Date(instant);
};
const enroll = async (child: string, program: string, manager: string) => {
  const { status, json } = await at.post(`Patient/${child}/$enroll`, {
    program: `HealthcareService/${program}`,
    status: 'active',
    careManager: `PractitionerRole/${manager}`,
    consent: `Consent/yes-${child}`,
  });
  expect(status).toBe(200);
  return json.id as string;
};
const messages = async (child: string, code = 'monthly-digest') => {
  const category = `${canonical}/CodeSystem/care-communication|${code}`;
  const { json } = await at.send('GET', `/fhir/Communication?subject=Patient/${child}&category=${category}`);
  return (json.entry ?? []).map(({ resource }: any) => resource) as any[];
};
const monthsOf = (list: any[]) => list.map(({ extension }) => extension[0].valueDate).sort();
const call = (child: string, start: string, more: object = {}) => ({
  resourceType: 'Encounter',
  id: `call-${child}-${start.slice(5, 16).replaceAll(':', '-')}`,
  status: 'finished',
  class: { system: actCode, code: 'VR' },
  type: [coded('care-activity', 'follow-up')],
  subject: { reference: `Patient/${child}` },
  participant: [{ individual: { reference: 'PractitionerRole/vera-vendor' } }],
  period: { start },
  ...more,
});
const concern = (child: string, words: string, recordedDate: string, more: object = {}) => ({
  resourceType: 'Condition',
  id: `concern-${child}-${words.length}`,
  clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] },
  verificationStatus: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'unconfirmed' }],
  },
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-category', code: 'health-concern' }] },
  ],
  code: { text: words },
  subject: { reference: `Patient/${child}` },
  recordedDate,
  ...more,
});
const alertTask = (child: string, authoredOn: string) => ({
  resourceType: 'Task',
  id: `alert-${child}`,
  status: 'requested',
  intent: 'plan',
  priority: 'urgent',
  code: { text: 'Saturation low twice' },
  for: { reference: `Patient/${child}` },
  authoredOn,
});

describe('S4.32 a vendor tells primary care', () => {
  test('S4.32 vendor enrolment triggers PCP notice and a monthly digest; digest lists contacts, alerts and open concerns', async () => {
    on('2026-04-03T09:00:00Z');
    const child = await at.child();
    const episode = await enroll(child, 'vendor', 'vera-vendor');
    const [notice] = await messages(child, 'enrollment-notice');
    expect(notice.recipient).toEqual([{ reference: 'Practitioner/pcp' }]);
    const own = { episodeOfCare: [{ reference: `EpisodeOfCare/${episode}` }] };
    await at.put(
      call(child, '2026-04-06T15:00:00Z', { ...own, length: { value: 20, unit: 'min', code: 'min' } }),
      call(child, '2026-04-13T15:00:00Z'),
      call(child, '2026-04-20T15:00:00Z', { class: { system: actCode, code: 'HH' } }),
      // Still April in Chicago, already May in UTC; and the first moment of May there.
      call(child, '2026-05-01T04:59:00Z'),
      call(child, '2026-05-01T05:00:00Z'),
      // Of nobody of this program.
      call(child, '2026-04-21T15:00:00Z', { participant: [{ individual: { reference: 'Practitioner/home-nurse' } }] }),
      alertTask(child, '2026-04-12T10:00:00Z'),
      concern(child, 'Food runs out', '2026-04-07'),
      concern(child, 'Not asked until May', '2026-05-02'),
    );
    on('2026-05-01T04:00:00Z');
    await at.run('care.digest');
    expect(await messages(child)).toEqual([]);
    on('2026-05-01T05:30:00Z');
    await at.run('care.digest');
    const [digest, ...others] = await messages(child);
    expect(others).toEqual([]);
    expect(digest).toMatchObject({
      status: 'in-progress',
      about: [{ reference: `EpisodeOfCare/${episode}` }],
      recipient: [{ reference: 'Practitioner/pcp' }],
      extension: [{ valueDate: '2026-04' }],
    });
    expect(digest.payload[0].contentString.split('\n')).toEqual([
      expect.stringMatching(/^Care management in 2026-04: Program vendor\. Care manager: Vera Quill/),
      'Contacts: 4 (3 by telephone, 1 at home); nobody was reached in 0; 20 minutes.',
      'Alerts: 1.',
      '- 2026-04-12 Urgent task: Saturation low twice',
      'Open concerns: 1.',
      '- Food runs out, since 2026-04-07',
    ]);
  });

  test('S4.32 it is sent once a month, also after a pause, and no more when the enrollment has ended', async () => {
    on('2026-06-10T09:00:00Z');
    const child = await at.child();
    const episode = await enroll(child, 'regional', 'gus-regional');
    on('2026-09-15T09:00:00Z');
    for (let run = 0; run < 5; run += 1) await at.run('care.digest');
    expect(monthsOf(await messages(child))).toEqual(['2026-06', '2026-07', '2026-08']);
    await at.post(`EpisodeOfCare/${episode}/$move-enrollment`, { status: 'finished', reason: 'graduated' });
    on('2026-12-02T09:00:00Z');
    for (let run = 0; run < 5; run += 1) await at.run('care.digest');
    expect(monthsOf(await messages(child))).toEqual(['2026-06', '2026-07', '2026-08', '2026-09']);
  });

  test('S4.32 it tells only what its recipient may see, and nobody whom nobody may tell', async () => {
    on('2027-01-05T09:00:00Z');
    const child = await at.child();
    const episode = await enroll(child, 'vendor', 'vera-vendor');
    await at.put(concern(child, 'Sleeps in the car', '2027-01-06'), alertTask(child, '2027-01-07T10:00:00Z'));
    on('2027-02-01T12:00:00Z');
    hidden.add('Condition');
    await at.run('care.digest');
    hidden.clear();
    const [digest] = await messages(child);
    expect(digest.payload[0].contentString).toMatch(/Alerts: 1\..*Open concerns: none\./s);
    const live = await at.send('GET', `/fhir/EpisodeOfCare/${episode}/$digest?month=2027-01`);
    expect(live.json.parameter).toContainEqual({
      name: 'concern',
      part: [
        { name: 'record', valueReference: { reference: `Condition/concern-${child}-17` } },
        { name: 'since', valueDateTime: '2027-01-06' },
        { name: 'text', valueString: 'Sleeps in the car' },
      ],
    });
    on('2027-03-01T12:00:00Z');
    hidden.add('EpisodeOfCare');
    await at.run('care.digest');
    hidden.clear();
    expect(monthsOf(await messages(child))).toEqual(['2027-01']);
    const { json } = await at.send('GET', `/fhir/Task?patient=Patient/${child}&status=requested`);
    const asked = json.entry.map(({ resource }: any) => resource).filter((one: any) => one.focus);
    expect(asked).toMatchObject([{ code: { coding: [{ code: 'name-primary-care' }] } }]);
  });

  test('S4.32 it can be seen and sent at will, is answered as it was sent, and its receipt is the recipient’s', async () => {
    on('2027-04-05T09:00:00Z');
    const child = await at.child();
    const episode = await enroll(child, 'vendor', 'vera-vendor');
    const send = (month?: string) => at.post(`EpisodeOfCare/${episode}/$send-digest`, month ? { month } : {});
    expect((await at.send('GET', `/fhir/EpisodeOfCare/${episode}/$digest`)).json.parameter[0].valueString).toBe(
      '2027-04',
    );
    expect(why(await send())).toMatch(/month that is over/);
    expect((await send('2027-03')).status).toBe(422);
    expect((await send('April')).status).toBe(400);
    expect((await at.post('EpisodeOfCare/no-such/$send-digest', {})).status).toBe(404);
    on('2027-05-04T09:00:00Z');
    const sent = await send('2027-04');
    expect(sent.json).toMatchObject({ resourceType: 'Communication', sent: at.now.at.toISOString() });
    await at.put(call(child, '2027-04-10T15:00:00Z'));
    expect((await send('2027-04')).json).toEqual(sent.json);
    await at.run('care.digest');
    expect(await messages(child)).toEqual([sent.json]);
    const put = (who: Actor, more: object) => a.tryPut(at.store, who, { ...sent.json, ...more });
    const read = { status: 'completed', received: '2027-05-05T00:00:00Z' };
    const other = [{ contentString: 'Nothing happened.' }];
    expect(a.refusedBy(await put(user('Practitioner/pcp'), { payload: other }))).toBe('enrollment-notice');
    expect(a.refusedBy(await put(user('Practitioner/gus'), read))).toBe('enrollment-notice');
    expect((await put(user('Practitioner/pcp'), read)).ok).toBe(true);
  });
});

describe('S4.32 months in a program’s own time zone', () => {
  test.each([
    ['2026-03', 'UTC', '2026-03-01T00:00:00.000Z'],
    ['2026-03', 'America/Chicago', '2026-03-01T06:00:00.000Z'],
    ['2026-04', 'America/Chicago', '2026-04-01T05:00:00.000Z'],
    ['2026-11', 'America/New_York', '2026-11-01T04:00:00.000Z'],
    ['2027-01', 'Pacific/Kiritimati', '2026-12-31T10:00:00.000Z'],
  ])('%s in %s begins at %s', (month, zone, start) => {
    expect(startOf(month, zone).toISOString()).toBe(start);
    expect(monthOf(new Date(start), zone)).toBe(month);
    expect(nextMonth(monthOf(new Date(Date.parse(start) - 1), zone))).toBe(month);
  });

  test('a program says its zone, and one that is none is refused', async () => {
    expect(isTimeZone('Mars/Olympus')).toBe(false);
    const program = await at.resource('HealthcareService', 'own');
    const zone = (valueCode: string) => ({
      ...program,
      extension: [{ url: `${canonical}/StructureDefinition/program-time-zone`, valueCode }],
    });
    const client: Actor = { kind: 'client', id: 'test', requestId: 'test' };
    expect(a.refusedBy(await a.tryPut(at.store, client, zone('Mars/Olympus')))).toBe('care-management-program');
    expect((await a.tryPut(at.store, client, zone('Asia/Kolkata'))).ok).toBe(true);
  });

  test('long lists are told in part, and say how much is left', () => {
    const records = Array.from({ length: 60 }, (_, n) => concern(`c${n}`, `Concern ${n}`, '2026-04-01'));
    const of = {
      enrollment: 'EpisodeOfCare/e',
      month: '2026-04',
      start: '2026-04-01T00:00:00.000Z',
      end: '2026-05-01T00:00:00.000Z',
      people: new Set<string>(),
    };
    const text = digestText(digestContent(records, of), { program: 'P', month: '2026-04', manager: '' });
    expect(text).toContain('Open concerns: 60.');
    expect(text).toContain('- and 10 more');
    expect(text.split('\n')).toHaveLength(55);
  });
});
