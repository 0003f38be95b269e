import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Family, openFamily, ref, words } from './support/family.ts';

let at: Family;
beforeAll(async () => {
  at = await openFamily();
}, 60_000);
afterAll(() => at?.house.shut());

const issue = (answer: { json: any }) => answer.json.issue[0].diagnostics ?? answer.json.issue[0].details?.text;
const decision = (...part: object[]) => ({ name: 'decision', part });
const due = (valueDate: string) => ({ name: 'due', valueDate });
const there = () => [ref('attendee', at.mother), ref('attendee', at.lead), ref('attendee', at.doctor)];
const agenda = words('agenda', 'How school goes');
const whole = () => decision(words('text', 'Call the school nurse'), ref('owner', at.lead), due('2026-12-01'));
const close = (...parameters: object[]) => at.operation(at.lead, `${at.plan}/$close-meeting`, parameters);

/** Everything that was ever written, by version: what a refusal must leave as it is. */
const versions = async () =>
  JSON.stringify(await at.house.store.query('SELECT type, id, version FROM resource ORDER BY type, id'));

describe('a meeting that is not told whole is refused, and nothing is written', () => {
  test.each<[string, () => object[], number, string]>([
    ['without attendees', () => [agenda, whole()], 400, 'who was there'],
    ['without an agenda', () => [...there(), whole()], 400, 'agenda'],
    ['without a decision', () => [...there(), agenda], 400, 'decisions'],
    [
      'with an attendee who is an organization',
      () => [ref('attendee', 'Organization/x'), agenda, whole()],
      400,
      'attendee',
    ],
    [
      'that ends tomorrow',
      () => [...there(), agenda, whole(), { name: 'end', valueDateTime: '2026-12-24T10:00:00Z' }],
      400,
      'ended',
    ],
    [
      'S3.9 with a decision of somebody who is not known here',
      () => [
        ...there(),
        agenda,
        whole(),
        decision(words('text', 'Order the pump'), ref('owner', 'Practitioner/never-was'), due('2026-12-01')),
      ],
      422,
      'known-people',
    ],
    [
      'S3.9 with a decision of a relative who is not known here',
      () => [
        ...there(),
        agenda,
        whole(),
        decision(words('text', 'Order the pump'), ref('owner', 'RelatedPerson/never-was'), due('2026-12-01')),
      ],
      422,
      'is somebody known here',
    ],
    [
      'S3.9 with a decision for another child’s mother',
      () => [
        ...there(),
        agenda,
        decision(words('text', 'Order the pump'), ref('owner', at.stranger), due('2026-12-01')),
      ],
      422,
      'is somebody known here',
    ],
    [
      'S3.9 with a decision without an owner',
      () => [...there(), agenda, whole(), decision(words('text', 'Order the pump'), due('2026-12-01'))],
      422,
      'Decision 2 has no owner',
    ],
    [
      'S3.9 with a decision without a day',
      () => [...there(), agenda, decision(words('text', 'Order the pump'), ref('owner', at.lead)), whole()],
      422,
      'Decision 1 has no day',
    ],
    [
      'with a decision that was due before',
      () => [...there(), agenda, decision(words('text', 'x'), ref('owner', at.lead), due('2026-11-01'))],
      422,
      'before the meeting',
    ],
    [
      'with another child’s appointment',
      () => [...there(), agenda, whole(), ref('appointment', 'Appointment/none')],
      422,
      'appointment',
    ],
    [
      'with an Encounter that is no meeting',
      () => [...there(), agenda, whole(), ref('encounter', 'Encounter/none')],
      422,
      'encounter',
    ],
    [
      'with an owner who is not there',
      () => [...there(), agenda, whole(), ref('attendee', 'Patient/someone')],
      422,
      'attendee',
    ],
  ])('%s', async (_, parameters, status, says) => {
    const before = await versions();
    const refused = await close(...parameters());
    expect([refused.status, issue(refused)]).toEqual([status, expect.stringContaining(says)]);
    expect(await versions()).toBe(before);
  });

  test('a family that reads the plan is told that the care team writes down reviews, and who sees none that there is none', async () => {
    const agreed = [ref('agreed', at.mother)];
    const refused = await at.operation(at.mother, `${at.plan}/$review`, agreed);
    expect([refused.status, issue(refused)]).toEqual([403, expect.stringContaining('$propose')]);
    const hidden = await at.operation(at.stranger, `${at.plan}/$review`, [ref('agreed', at.stranger)]);
    expect([hidden.status, issue(hidden)]).toEqual([404, expect.stringContaining('no such shared plan')]);
  });

  test('a family closes none', async () => {
    const refused = await at.operation(at.mother, `${at.plan}/$close-meeting`, [...there(), agenda, whole()]);
    expect([403, 404]).toContain(refused.status);
  });
});

describe('a meeting', () => {
  test('S3.9 that is closed yields Tasks with owners and dates, minutes, and a plan that lists them', async () => {
    const appointment = {
      resourceType: 'Appointment',
      status: 'booked',
      start: '2026-11-23T15:00:00Z',
      end: '2026-11-23T16:00:00Z',
      participant: [{ actor: { reference: at.child }, status: 'accepted' }],
    };
    const booked = (await at.house.as(at.lead, 'POST', '/Appointment', appointment)).json;
    const closed = await close(
      ...there(),
      ref('attendee', at.child),
      agenda,
      words('agenda', 'The new pump'),
      ref('appointment', `Appointment/${booked.id}`),
      whole(),
      decision(words('text', 'Try the bus'), ref('owner', at.mother), due('2026-12-24'), ref('about', at.goal)),
    );
    expect([closed.status, closed.text]).toEqual([200, expect.any(String)]);
    const [meeting, ...tasks] = closed.json.parameter.map(({ resource }: any) => resource);
    expect(meeting).toMatchObject({ status: 'finished', appointment: [{ reference: `Appointment/${booked.id}` }] });
    expect(meeting.participant.map(({ individual }: any) => individual.reference)).toEqual([
      at.mother,
      at.lead,
      at.doctor,
    ]);
    expect(tasks.map((task: any) => [task.description, task.owner.reference, task.restriction.period.end])).toEqual([
      ['Call the school nurse', at.lead, '2026-12-01'],
      ['Try the bus', at.mother, '2026-12-24'],
    ]);
    expect(tasks[1]).toMatchObject({
      focus: { reference: at.goal },
      encounter: { reference: `Encounter/${meeting.id}` },
    });
    expect((await at.read(`Appointment/${booked.id}`)).status).toBe('fulfilled');
    const listed = (await at.read(at.plan)).activity.map(({ reference }: any) => reference.reference);
    expect(listed).toEqual(tasks.map(({ id }: any) => `Task/${id}`));
    const minutes = (await at.house.as(at.mother, 'GET', `/Communication?recipient=${at.mother}`)).json.entry[0]
      .resource;
    expect(minutes.payload.map(({ contentString }: any) => contentString)).toEqual([
      'How school goes',
      'The new pump',
      'Call the school nurse (2026-12-01)',
      'Try the bus (2026-12-24)',
    ]);
    const hers = await at.house.as(at.mother, 'GET', `/Task?owner=${at.mother}`);
    expect(hers.json.entry.map(({ resource }: any) => resource.id)).toEqual([tasks[1].id]);
  });

  test('that was begun as an Encounter is finished, once', async () => {
    const type = [{ coding: [{ system: 'http://careweave.org/fhir/CodeSystem/care-task', code: 'plan-meeting' }] }];
    const begun = {
      resourceType: 'Encounter',
      status: 'in-progress',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'VR' },
      type,
      subject: { reference: at.child },
      participant: [{ individual: { reference: at.lead } }],
      period: { start: '2026-11-23T15:00:00Z' },
    };
    const { id } = (await at.house.as(at.lead, 'POST', '/Encounter', begun)).json;
    const bare = await at.house.as(at.lead, 'PUT', `/Encounter/${id}`, { ...begun, id, status: 'finished' });
    expect([bare.status, issue(bare)]).toEqual([422, expect.stringContaining('plan-meeting-over')]);
    const closed = await close(...there(), agenda, whole(), ref('encounter', `Encounter/${id}`));
    expect([closed.status, closed.text]).toEqual([200, expect.any(String)]);
    expect(await at.read(`Encounter/${id}`)).toMatchObject({ status: 'finished', class: { code: 'VR' } });
    const again = await close(...there(), agenda, whole(), ref('encounter', `Encounter/${id}`));
    expect([again.status, issue(again)]).toEqual([409, expect.stringContaining('over already')]);
  });

  test('a decision by plain FHIR without an owner or a day is refused', async () => {
    const task = {
      resourceType: 'Task',
      status: 'requested',
      intent: 'plan',
      code: { coding: [{ system: 'http://careweave.org/fhir/CodeSystem/care-task', code: 'meeting-decision' }] },
      description: 'x',
      for: { reference: at.child },
      owner: { reference: at.lead },
      restriction: { period: { end: '2026-12-01' } },
    };
    for (const missing of ['description', 'owner', 'restriction', 'encounter']) {
      const { [missing as 'owner']: _left, ...rest } = { ...task, encounter: { reference: 'Encounter/x' } };
      const refused = await at.house.as(at.lead, 'POST', '/Task', rest);
      expect([missing, refused.status, issue(refused)]).toEqual([
        missing,
        422,
        expect.stringContaining('meeting-decision'),
      ]);
    }
  });
});
