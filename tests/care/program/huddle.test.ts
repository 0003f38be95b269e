import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openPrograms, type Programs } from './town.ts';

let at: Programs;
beforeAll(async () => {
  at = await openPrograms('2026-05-04T13:00:00Z', { zone: 'America/Chicago' });
});
afterAll(() => at.close());

const enroll = async (child: string, more: Record<string, string> = {}) => {
  const { json } = await at.post(`Patient/${child}/$enroll`, {
    program: 'HealthcareService/regional',
    status: 'active',
    careManager: 'PractitionerRole/gus-regional',
    consent: `Consent/yes-${child}`,
    ...more,
  });
  return json.id as string;
};
let made = 0;
const appointment = (child: string, start: string, more: object = {}) => {
  made += 1;
  return {
    resourceType: 'Appointment',
    id: `visit-${made}`,
    status: 'booked',
    start,
    end: start.replace(':00Z', ':20Z'),
    participant: [
      { actor: { reference: `Patient/${child}` }, status: 'accepted' },
      { actor: { reference: 'Practitioner/pcp' }, status: 'accepted' },
    ],
    ...more,
  };
};
const task = (id: string, child: string, more: object = {}) => ({
  resourceType: 'Task',
  id,
  status: 'requested',
  intent: 'plan',
  code: { text: `Task ${id}` },
  for: { reference: `Patient/${child}` },
  ...more,
});
const visit = (id: string, child: string, code: string, start: string, more: object = {}) => ({
  resourceType: 'Encounter',
  id,
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code },
  subject: { reference: `Patient/${child}` },
  period: { start },
  ...more,
});
const huddle = async (query = '') => {
  const { status, json } = await at.send('GET', `/fhir/HealthcareService/regional/$huddle${query}`);
  if (status !== 200) return { status };
  const of = (part: any[], name: string) => part.filter((one) => one.name === name);
  const children = json.parameter.filter(({ name }: any) => name === 'child').map(({ part }: any) => part);
  return {
    count: json.parameter.find(({ name }: any) => name === 'children').valueInteger,
    children: children.map((part: any) => of(part, 'patient')[0].valueReference.reference.split('/')[1]),
    emergencies: children.map((part: any) => of(part, 'lastEmergencyVisit')[0]?.valueDate),
    tasks: children.map((part: any) => of(part, 'task').map(({ part: [one] }: any) => one.valueReference.reference)),
  };
};

test('S4.16 the list equals enrolled children on today’s schedule, each with open tasks and last ED date', async () => {
  const [late, early, onHold, ended, elsewhere, stranger] = await Promise.all(
    Array.from({ length: 6 }, () => at.child()),
  );
  const ids = [];
  for (const child of [late, early, onHold, ended]) ids.push(await enroll(child ?? ''));
  await at.post(`EpisodeOfCare/${ids[2]}/$move-enrollment`, { status: 'onhold', reason: 'away' });
  await at.post(`EpisodeOfCare/${ids[3]}/$move-enrollment`, { status: 'finished', reason: 'graduated' });
  await enroll(elsewhere ?? '', {
    program: 'HealthcareService/embedded',
    careManager: 'PractitionerRole/gus-embedded',
  });
  await at.put(
    // The evening of the fourth in Chicago is the fifth in UTC.
    appointment(late ?? '', '2026-05-05T02:00:00Z'),
    appointment(early ?? '', '2026-05-04T14:00:00Z', { status: 'arrived' }),
    appointment(onHold ?? '', '2026-05-04T15:00:00Z'),
    ...[ended, elsewhere, stranger].map((child) => appointment(child ?? '', '2026-05-04T16:00:00Z')),
    appointment(early ?? '', '2026-05-04T17:00:00Z', { status: 'cancelled' }),
    appointment(late ?? '', '2026-05-04T03:00:00Z'),
    appointment(early ?? '', '2026-05-05T05:00:00Z'),
    task('later', early ?? '', { restriction: { period: { end: '2026-06-01' } } }),
    task('sooner', early ?? '', { restriction: { period: { end: '2026-05-10' } } }),
    task('done', early ?? '', { status: 'completed' }),
    visit('ed-1', early ?? '', 'EMER', '2026-03-01T22:00:00Z'),
    visit('ed-2', early ?? '', 'EMER', '2026-04-11T02:00:00Z'),
    visit('ed-3', early ?? '', 'EMER', '2026-04-20T02:00:00Z', { status: 'entered-in-error' }),
    visit('ed-4', early ?? '', 'EMER', '2026-05-09T02:00:00Z'),
    visit('inpatient', early ?? '', 'IMP', '2026-04-30T02:00:00Z'),
  );
  expect(await huddle()).toEqual({
    count: 3,
    children: [early, onHold, late],
    emergencies: ['2026-04-10', undefined, undefined],
    tasks: [['Task/sooner', 'Task/later'], [], []],
  });
  expect((await huddle('?date=2026-05-05')).children).toEqual([early]);
  expect((await huddle('?actor=Practitioner/gus')).children).toEqual([]);
  expect((await huddle('?actor=Practitioner/pcp')).children).toEqual([early, onHold, late]);
  expect((await huddle('?date=today')).status).toBe(400);
  expect((await huddle('?actor=Patient/x')).status).toBe(400);
});
