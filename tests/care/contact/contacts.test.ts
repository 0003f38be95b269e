import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/base/clock.ts';
import { createCare } from '../../../src/care/care.ts';
import { startHttp, type TestHttp } from '../../support/http.ts';
import * as a from '../support/child.ts';

let http: TestHttp;
beforeAll(async () => {
  const { checks, effects, conclusions, operations } = createCare({ clock: systemClock }).module;
  http = await startHttp({ operations }, { checks, effects, conclusions });
  for (const id of ['child-1', 'child-2', 'child-3']) {
    await a.put(http.store, a.coordinator, { ...a.patient, id });
    await a.put(http.store, { kind: 'system', id: 'test', requestId: 'test' }, episode(`episode-${id}`, id));
  }
});
afterAll(() => http.close());

function episode(id: string, child: string) {
  return { resourceType: 'EpisodeOfCare', id, status: 'active', patient: { reference: `Patient/${child}` } };
}
const coded = (system: string, code: string) => ({
  coding: [{ system: `http://careweave.org/fhir/CodeSystem/${system}`, code }],
});
const nurse = { reference: 'Practitioner/nurse' };
const visit = (code: string, start: string, more: object = {}) => ({
  resourceType: 'Encounter',
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code },
  type: [coded('care-activity', 'follow-up')],
  subject: { reference: 'Patient/child-1' },
  participant: [{ individual: nurse }],
  period: { start },
  ...more,
});
const message = (medium: string, sent: string, more: object = {}) => ({
  resourceType: 'Communication',
  status: 'completed',
  category: [coded('care-activity', 'arrange')],
  medium: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationMode', code: medium }] }],
  subject: { reference: 'Patient/child-1' },
  sender: nurse,
  sent,
  ...more,
});
const cafe = { location: [{ location: { display: 'Café Rosalind' } }] };
async function write(...resources: { resourceType: string }[]) {
  const answers = [];
  for (const body of resources) answers.push(await http.send('POST', `/fhir/${body.resourceType}`, { body }));
  return answers;
}
async function log(child: string, query = '', as = 'all') {
  const { status, json } = await http.send('GET', `/fhir/Patient/${child}/$contacts${query}`, { as });
  expect(status).toBe(200);
  const parameter = json.parameter as any[];
  const counts = (name: string, key: string) =>
    Object.fromEntries(
      parameter
        .filter((one) => one.name === name)
        .map(({ part }) => {
          const of = (wanted: string) => part.find((each: any) => each.name === wanted);
          return [
            of(key).valueCode ?? of(key).valueString ?? of(key).valueReference.reference,
            of('count').valueInteger,
          ];
        }),
    );
  const total = (name: string) => parameter.find((one) => one.name === name);
  return {
    modes: counts('mode', 'code'),
    places: counts('place', 'where'),
    activities: counts('activity', 'code'),
    staff: counts('staff', 'who'),
    count: total('count').valueInteger,
    tried: total('tried').valueInteger,
    minutes: total('minutes').valueDecimal,
    contacts: parameter.filter((one) => one.name === 'contact').map(({ part }) => part),
  };
}

describe('a contact is complete', () => {
  const outcome = {
    url: 'http://careweave.org/fhir/StructureDefinition/contact-outcome',
    valueCodeableConcept: coded('contact-outcome', 'not-home'),
  };
  const minutes = { length: { value: 20, unit: 'min', system: 'http://unitsofmeasure.org', code: 'min' } };
  const own = { episodeOfCare: [{ reference: 'EpisodeOfCare/episode-child-1' }] };
  const at = '2025-01-10T10:00:00Z';
  test.each([
    ['without a child', visit('HH', at, { subject: { display: 'A child' } }), 'subject'],
    ['of a class that is none', visit('IMP', at), 'class'],
    ['without a time', visit('HH', at, { period: undefined }), 'period'],
    [
      'without anybody of the team',
      visit('HH', at, { participant: [{ individual: { reference: 'RelatedPerson/mother' } }] }),
      'participant',
    ],
    ['elsewhere, without a place', visit('FLD', at), 'location'],
    ['in which nobody was reached, without why', visit('HH', at, { status: 'cancelled' }), 'contact-outcome'],
    ['S1.12 with minutes of no episode', visit('VR', at, minutes), 'episode'],
    [
      'S1.12 with minutes of another child’s episode',
      visit('VR', at, { ...minutes, episodeOfCare: [{ reference: 'EpisodeOfCare/episode-child-2' }] }),
      'episode',
    ],
    [
      'S1.12 with minutes of an episode that never was',
      visit('VR', at, { ...minutes, episodeOfCare: [{ reference: 'EpisodeOfCare/none' }] }),
      'episode',
    ],
    ['S1.12 of a length in no unit', visit('VR', at, { ...own, length: { value: 20 } }), 'minutes'],
    ['S1.12 of no length', visit('VR', at, { ...own, length: { ...minutes.length, value: 0 } }), 'minutes'],
    ['by an unknown medium', message('TELEPATHY', at), 'medium'],
    ['by message without a sender', message('SMSWRIT', at, { sender: undefined }), 'who of the team'],
    ['by message without a time', message('SMSWRIT', at, { sent: undefined }), 'when'],
    ['by message that reached nobody, without why', message('PHONE', at, { status: 'not-done' }), 'statusReason'],
  ])('%s is refused, and says what is missing', async (_name, body, named) => {
    const [answer] = await write(body);
    expect(answer?.status).toBe(422);
    expect(JSON.stringify(answer?.json.issue)).toContain('contact-complete');
    expect(JSON.stringify(answer?.json.issue)).toContain(named);
  });

  test('S1.12 every minute logged ties to child, episode, activity and staff', async () => {
    const answers = await write(
      visit('VR', at, { ...minutes, ...own }),
      visit('HH', at, { status: 'cancelled', extension: [outcome] }),
      message('PHONE', at, { status: 'not-done', statusReason: coded('contact-outcome', 'no-answer') }),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    const { minutes: logged, contacts, staff, count, tried } = await log('child-1', '?period=2025-01-10');
    expect([logged, count, tried]).toEqual([20, 1, 2]);
    expect(staff).toEqual({ 'Practitioner/nurse': 1 });
    const timed = contacts.filter((part: any[]) => part.some(({ name }) => name === 'minutes'));
    for (const part of timed) {
      expect(part.map(({ name }: any) => name)).toEqual(expect.arrayContaining(['activity', 'who', 'episode']));
    }
    expect(timed).toHaveLength(1);
  });

  test('an Encounter that names no activity of ours is none of the log: hospitals’ visits stay as they are', async () => {
    const [answer] = await write({ ...visit('IMP', '2024-03-01'), type: [{ text: 'Admission' }] } as {
      resourceType: string;
    });
    expect(answer?.status).toBe(201);
    expect((await log('child-1', '?period=2024-03')).contacts).toEqual([]);
  });
});

describe('Patient/[id]/$contacts', () => {
  test('S4.9 a month with 3 calls, 2 home visits and 1 café meeting reports exactly those counts by mode', async () => {
    const of = (body: { resourceType: string }) => ({ ...body, subject: { reference: 'Patient/child-3' } });
    const answers = await write(
      of(visit('VR', '2026-02-01T00:00:00Z')),
      of(visit('VR', '2026-02-28T23:59:59Z')),
      of(message('PHONE', '2026-02-10T09:00:00Z')),
      of(visit('HH', '2026-02-03T15:00:00-05:00')),
      of(visit('HH', '2026-02-17')),
      of(visit('FLD', '2026-02-20T12:00:00Z', cafe)),
      // Not of this month, not held, planned only, in error: none of them counts.
      of(visit('VR', '2026-01-31T23:59:59Z')),
      of(visit('VR', '2026-03-01T00:00:00Z')),
      of(
        message('PHONE', '2026-02-11T09:00:00Z', {
          status: 'not-done',
          statusReason: coded('contact-outcome', 'no-answer'),
        }),
      ),
      of(visit('HH', '2026-02-25', { status: 'planned' })),
      of(visit('HH', '2026-02-26', { status: 'entered-in-error' })),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    const call = answers[0]?.json.id;
    // What was said in the call, sent after it: one contact, not two.
    await write(of(message('EMAILWRIT', '2026-02-01T01:00:00Z', { encounter: { reference: `Encounter/${call}` } })));
    const february = await log('child-3', '?period=2026-02');
    expect(february.modes).toEqual({ call: 3, 'home-visit': 2, 'community-visit': 1 });
    expect(february.places).toEqual({ 'Café Rosalind': 1 });
    expect(february.activities).toEqual({ 'follow-up': 5, arrange: 1 });
    expect([february.count, february.tried]).toEqual([6, 1]);
    expect(february.contacts).toHaveLength(7);
    expect((await log('child-3', '?period=2026')).count).toBe(8);
    expect((await log('child-3')).count).toBe(8);
    expect((await log('child-2')).count).toBe(0);
  });

  test.each(['?period=soon', '?period=2026-13', '?period=2026-02-10T10:00:00Z', '?since=2026'])(
    'refuses %s',
    async (query) => {
      const answer = await http.send('GET', `/fhir/Patient/child-1/$contacts${query}`);
      expect(answer.status).toBe(400);
      expect(JSON.stringify(answer.json.issue)).toContain(query.slice(1).split('=')[0]);
    },
  );

  test('PP-51 another child’s token learns nothing, not even that there is such a child', async () => {
    const [theirs, none] = await Promise.all(
      ['child-1', 'never-was'].map((id) => http.send('GET', `/fhir/Patient/${id}/$contacts`, { as: 'child-a' })),
    );
    expect(theirs?.status).toBe(404);
    expect(theirs?.json).toEqual(none?.json);
    expect((await http.send('GET', '/fhir/Patient/child-1/$contacts', { as: 'reader' })).status).toBe(403);
  });
});
