import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { addFamily, type Family, openFamily, ref, words } from '../proposal/support/family.ts';

/** The house keeps its clock in UTC here: Monday, eight in the morning. */
let at: Family;
const morning = '2026-11-23T08:00:00Z';
const issue = (answer: { json: any }) => answer.json.issue[0].diagnostics ?? answer.json.issue[0].details?.text;

beforeAll(async () => {
  const { house } = await openFamily();
  at = { house, ...(await addFamily(house)) };
}, 60_000);
afterAll(() => at.house.shut());
beforeEach(async () => {
  at.house.at(morning);
  Object.assign(at, await addFamily(at.house));
});

const cough = words('reason', 'He coughs and does not drink.');
const ask = (who = at.mother, ...more: object[]) =>
  at.operation(who, `${at.child}/$request-same-day`, [cough, ...more]);
const answer = (who: string, id: string, ...more: object[]) => at.operation(who, `Task/${id}/$answer-same-day`, more);
const told = ({ json }: { json: any }): Record<string, any> =>
  Object.fromEntries((json.parameter ?? []).map(({ name, ...value }: any) => [name, Object.values(value)[0]]));
const idOf = (asked: { json: any }) => told(asked).task.reference.slice(5);
const slot = async (start: string, more: object = {}) => {
  const schedule = `${at.child.slice(8)}-schedule`;
  const put = (resource: any) => at.house.as('system', 'PUT', `/${resource.resourceType}/${resource.id}`, resource);
  await put({ resourceType: 'Schedule', id: schedule, actor: [{ reference: at.doctor }], ...more });
  const id = `${schedule}-${start.replace(/\D/g, '')}`;
  const end = new Date(Date.parse(start) + 900_000).toISOString();
  await put({ resourceType: 'Slot', id, schedule: { reference: `Schedule/${schedule}` }, status: 'free', start, end });
  return `Slot/${id}`;
};
const escalations = async () =>
  ((await at.read(`Task?patient=${at.child}&code=same-day-unanswered`)).entry ?? []).map(
    ({ resource }: any) => resource,
  );
const messages = async () =>
  ((await at.house.as(at.mother, 'GET', `/Communication?recipient=${at.mother}`)).json.entry ?? []).map(
    ({ resource }: any) => resource.payload[0].contentString,
  );

describe('$request-same-day refuses', () => {
  test('a stranger, no reason, a program that names nobody, and a name of another family', async () => {
    const [hidden, never] = [
      await ask(at.stranger),
      await at.operation(at.stranger, 'Patient/never-was/$request-same-day', [cough]),
    ];
    expect([hidden.status, hidden.text]).toEqual([404, never.text]);
    expect((await at.operation(at.mother, `${at.child}/$request-same-day`, [])).status).toBe(400);
    expect((await ask('system')).status).toBe(400);
    expect((await ask(at.lead, ref('onBehalfOf', at.stranger))).status).toBe(422);
    expect((await ask(at.mother, ref('onBehalfOf', at.doctor))).status).toBe(400);
    expect((await at.read(`Task?patient=${at.child}&code=same-day-request`)).entry).toBeUndefined();
  });
});

describe('S1.20 a request before noon', () => {
  test('S1.20 yields an offered slot at once when the practice has one today', async () => {
    const late = await slot('2026-11-23T15:00:00Z');
    const soon = await slot('2026-11-23T09:30:00Z');
    await slot('2026-11-23T07:00:00Z');
    const asked = await ask();
    expect([asked.status, told(asked).status]).toEqual([200, 'completed']);
    const appointment = (await at.house.as(at.mother, 'GET', `/${told(asked).offered.reference}`)).json;
    expect(appointment).toMatchObject({
      status: 'proposed',
      start: '2026-11-23T09:30:00Z',
    });
    expect((await at.read(told(asked).offered.reference)).slot).toEqual([{ reference: soon }]);
    expect([(await at.read(soon)).status, (await at.read(late)).status]).toEqual(['busy-tentative', 'free']);
    expect(await messages()).toEqual([expect.stringMatching(/is offered/)]);
    // Asked again, it is the same request, and takes no second slot.
    const again = await ask();
    expect([told(again).task, told(again).offered]).toEqual([told(asked).task, told(asked).offered]);
    expect((await at.read(late)).status).toBe('free');
  });

  test('S1.20 else waits for the practice until five, and yields a slot that somebody offers', async () => {
    await slot('2026-11-24T09:00:00Z');
    const asked = await ask();
    expect(told(asked)).toMatchObject({ status: 'requested', 'answer-by': '2026-11-23T17:00:00.000Z' });
    const task = await at.read(`Task/${idOf(asked)}`);
    expect(task).toMatchObject({
      owner: { reference: at.doctor },
      requester: { reference: at.mother },
      intent: 'proposal',
    });
    const queue = await at.house.as(at.lead, 'GET', `/Task/$work-queue?patient=${at.child}&reason=due`);
    expect(queue.text).toContain(task.id);
    const opened = await slot('2026-11-23T11:00:00Z');
    expect((await answer(at.mother, task.id, ref('slot', opened))).status).toBeGreaterThanOrEqual(400);
    const offered = await answer(at.lead, task.id, ref('slot', opened));
    expect([offered.status, offered.json.status]).toEqual([200, 'completed']);
    expect((await at.read(opened)).status).toBe('busy-tentative');
    expect(await messages()).toEqual([expect.stringMatching(/is offered/)]);
    expect((await answer(at.lead, task.id, words('reason', 'x'))).status).toBe(422);
    at.house.at('2026-11-23T17:30:00Z');
    await at.house.worker.drain();
    expect(await escalations()).toEqual([]);
  });

  test('S1.20 or a reason that is logged, which the family reads', async () => {
    const asked = await ask();
    const none = await answer(at.lead, idOf(asked));
    expect(none.status).toBe(400);
    const bare = { ...(await at.read(`Task/${idOf(asked)}`)), status: 'rejected' };
    expect((await at.house.as(at.lead, 'PUT', `/Task/${bare.id}`, bare)).status).toBe(422);
    const said = await answer(at.lead, idOf(asked), words('reason', 'We are full today. Come at eight tomorrow.'));
    expect([said.status, said.json.status]).toEqual([200, 'rejected']);
    const seen = (await at.house.as(at.mother, 'GET', `/Task/${idOf(asked)}`)).json;
    expect(seen.statusReason.text).toBe('We are full today. Come at eight tomorrow.');
    expect(await messages()).toEqual(['We are full today. Come at eight tomorrow.']);
  });

  test('an offer is an appointment of this child, today; and a completed request has one', async () => {
    const asked = await ask();
    const tomorrow = await slot('2026-11-24T09:00:00Z');
    const late = await answer(at.lead, idOf(asked), ref('slot', tomorrow));
    expect([late.status, issue(late)]).toEqual([422, expect.stringMatching(/on a later day is not one for today/)]);
    expect((await at.read(tomorrow)).status).toBe('free');
    const foreign = await answer(at.lead, idOf(asked), ref('appointment', 'Appointment/never-was'));
    expect(foreign.status).toBe(422);
    const done = { ...(await at.read(`Task/${idOf(asked)}`)), status: 'completed' };
    const unsaid = await at.house.as(at.lead, 'PUT', `/Task/${done.id}`, done);
    expect([unsaid.status, issue(unsaid)]).toEqual([422, expect.stringMatching(/completed by an offer/)]);
  });

  test('S1.20 unanswered at five it escalates, once; the request stays open and late; answered after all, that is done', async () => {
    const asked = await ask();
    at.house.at('2026-11-23T16:59:00Z');
    await at.house.worker.drain();
    expect(await escalations()).toEqual([]);
    at.house.at('2026-11-23T17:00:00Z');
    await at.house.worker.drain();
    at.house.at('2026-11-23T19:00:00Z');
    await at.house.worker.drain();
    const [told, ...more] = await escalations();
    expect([told.status, told.priority, told.owner.reference, more]).toEqual(['requested', 'asap', at.lead, []]);
    expect(told.focus.reference).toBe(`Task/${idOf(asked)}`);
    expect((await at.read(`Task/${idOf(asked)}`)).status).toBe('requested');
    const queue = await at.house.as(at.lead, 'GET', `/Task/$work-queue?patient=${at.child}&reason=overdue`);
    expect(queue.text).toContain(idOf(asked));
    expect((await answer(at.lead, idOf(asked), words('reason', 'We have spoken: he is better.'))).status).toBe(200);
    await at.house.worker.drain();
    expect((await escalations()).map(({ status }: any) => status)).toEqual(['completed']);
  });
});

test('S1.20 asked after noon, there is an answer by noon of the next working day; the family may take it back', async () => {
  at.house.at('2026-11-23T12:00:00Z');
  const asked = await ask(at.lead, ref('onBehalfOf', at.mother));
  expect(told(asked)).toMatchObject({ status: 'requested', 'answer-by': '2026-11-24T12:00:00.000Z' });
  const task = (await at.house.as(at.mother, 'GET', `/Task/${idOf(asked)}`)).json;
  expect(task.requester.reference).toBe(at.mother);
  const back = await at.house.as(at.mother, 'PUT', `/Task/${task.id}`, { ...task, status: 'cancelled' });
  expect([back.status, back.json.status]).toEqual([200, 'cancelled']);
  at.house.at('2026-11-24T13:00:00Z');
  await at.house.worker.drain();
  expect(await escalations()).toEqual([]);
});

test('S1.20 the hours, holidays and time zone are those of the service in which the child’s clinician works', async () => {
  const put = (resource: any) => at.house.as('system', 'PUT', `/${resource.resourceType}/${resource.id}`, resource);
  const name = at.child.slice(8);
  const url = 'http://hl7.org/fhir/StructureDefinition/timezone';
  const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri'];
  const service = {
    resourceType: 'HealthcareService',
    id: `${name}-clinic`,
    extension: [{ url, valueCode: 'America/New_York' }],
    availableTime: [{ daysOfWeek: weekdays, availableStartTime: '08:00:00', availableEndTime: '16:00:00' }],
    notAvailable: [{ description: 'Thanksgiving', during: { start: '2026-11-26', end: '2026-11-27' } }],
  };
  const model = 'http://careweave.org/fhir/CodeSystem/care-management-model';
  const program = { ...service, id: `${name}-program`, type: [{ coding: [{ system: model, code: 'aco-central' }] }] };
  const role = {
    resourceType: 'PractitionerRole',
    id: `${name}-role`,
    practitioner: { reference: at.doctor },
    healthcareService: [`${name}-program`, `${name}-clinic`].map((id) => ({ reference: `HealthcareService/${id}` })),
  };
  await put({ ...program, availableTime: [{ daysOfWeek: weekdays, availableEndTime: '13:00:00' }] });
  await put(service);
  await put(role);
  // Half past eleven in New York; half past four in the afternoon by the clock of the house.
  at.house.at('2026-11-23T16:30:00Z');
  expect(told(await ask())['answer-by']).toBe('2026-11-23T21:00:00.000Z');
  Object.assign(at, await addFamily(at.house));
  await put({ ...role, id: `${at.child.slice(8)}-role`, practitioner: { reference: at.doctor } });
  at.house.at('2026-11-25T18:00:00Z');
  expect(told(await ask())['answer-by']).toBe('2026-11-30T17:00:00.000Z');
});
