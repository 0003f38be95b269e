import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { statusFor } from '../../../src/care/referral/canonical-state.ts';
import { openPrivacyHouse, type PrivacyHouse } from '../../access/support/privacy-house.ts';
import { text } from './support/referred.ts';

/** A community partner is told a referral in part, and says when the appointment is: nothing that it says goes away without a word. */
let house: PrivacyHouse;
const pantry = 'client/food-app';
const doctor = 'Practitioner/pv-doctor';
const task = 'Task/pv-school-day-food-task';
const child = 'Patient/pv-school-day';

beforeAll(async () => {
  house = await openPrivacyHouse();
  await house.load('school-day');
}, 60_000);
afterAll(() => house.shut());

let minute = 1;
const speaks = async (dialect: string) => {
  await house.store.query(
    `INSERT INTO referral_partner (client_id, dialect, acts_for) VALUES ('food-app', $1, '{Organization/pv-school-day-pantry}')
     ON CONFLICT (client_id) DO UPDATE SET dialect = EXCLUDED.dialect`,
    [dialect],
  );
  // Who speaks how is remembered for two seconds.
  minute += 1;
  house.at(`2026-11-23T12:${String(minute).padStart(2, '0')}:00-05:00`);
};
const read = async (who: string, path = task) => (await house.as(who, 'GET', `/${path}`)).json;
/** Sends the Task back as it was told, changed. */
const say = async (more: object, { codes = false } = {}) => {
  const { businessStatus, ...told } = await read(pantry);
  const sent = { ...told, ...(codes && { businessStatus }), ...more };
  return house.as(pantry, 'PUT', `/${task}`, sent);
};
const told = (answer: { status: number; json: any }) => [answer.status, text(answer)];
const dueAt = async () => {
  const [row] = await house.store.query<{ due_at: Date; state: string }>(
    'SELECT due_at, state FROM task_clock WHERE task_id = $1',
    [task.slice(5)],
  );
  return [row?.state, row?.due_at.toISOString()];
};
const bser = (code: string) => ({
  status: 'in-progress',
  businessStatus: { coding: [{ system: 'http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS', code }] },
});
const appointment = (more: object = {}) => ({
  resourceType: 'Appointment',
  id: 'visit',
  status: 'booked',
  start: '2026-12-03T15:00:00Z',
  end: '2026-12-03T15:30:00Z',
  participant: [{ actor: { reference: child }, status: 'accepted' }],
  ...more,
});
const outputOf = (reference: string) => [{ type: { text: 'Appointment' }, valueReference: { reference } }];

describe('D9 what a partner says that it may not is refused by its name, and nothing of the rest is kept', () => {
  beforeAll(() => speaks('fhir'));

  test.each<[string, object, RegExp]>([
    ['the words of the request', { description: 'Another' }, /Task\.description is not a partner's to change/],
    ['whom it is for', { owner: { reference: 'Organization/pv-clinic' } }, /Task\.owner/],
    ['what is kept from it', { encounter: { display: 'invented' } }, /Task\.encounter/],
    ['how urgent it is', { priority: 'stat' }, /Task\.priority/],
    [
      'something contained that is no appointment',
      { contained: [{ resourceType: 'Observation', id: 'o', status: 'final', code: { text: 'x' } }] },
      /only an Appointment is kept/,
    ],
  ])('%s', async (_, more, words) => {
    const before = await read('system');
    const refused = await say({ status: 'accepted', ...more });
    expect(told(refused)).toEqual([422, expect.stringMatching(words)]);
    expect(await read('system')).toEqual(before);
  });

  test('also within a transaction, and by criteria', async () => {
    const sent = { ...(await read(pantry)), description: 'Another' };
    const entry = [{ resource: sent, request: { method: 'PUT', url: task } }];
    const refused = await house.as(pantry, 'POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
    expect([refused.status, text(refused)]).toEqual([422, expect.stringMatching(/Task\.description/)]);
    const { id: _id, ...nameless } = sent;
    const query = `/Task?owner=Organization/pv-school-day-pantry`;
    expect(told(await house.as(pantry, 'PUT', query, nameless))).toEqual([422, expect.stringMatching(/by its id/)]);
  });

  test('of a Task that it does not see, no more than of one that never was', async () => {
    const { id: _id, ...sent } = await read(pantry);
    const put = async (id: string) => house.as(pantry, 'PUT', `/Task/${id}`, { ...sent, id, description: 'Another' });
    const [hidden, never] = [await put('pv-school-day-school-task'), await put('pv-never')];
    expect(hidden.text.replaceAll('school-day-school-task', 'never')).toBe(never.text);
    expect(hidden.status).toBe(never.status);
  });

  test('a date without the status that means it', async () => {
    const early = await say({ executionPeriod: { start: '2026-12-01' } });
    expect(told(early)).toEqual([422, expect.stringMatching(/comes with the status scheduled.*This referral is sent/)]);
    expect((await say({ status: 'accepted' })).status).toBe(200);
    const still = await say({ executionPeriod: { start: '2026-12-01' } }, { codes: true });
    expect(told(still)).toEqual([422, expect.stringMatching(/This referral is accepted/)]);
    for (const executionPeriod of [{ end: '2026-12-01' }, { start: '2026-12-02', end: '2026-12-01' }])
      expect((await say({ ...bser('5.1.1'), executionPeriod })).status).toBe(422);
    expect((await read('system')).executionPeriod).toBeUndefined();
  });
});

describe('D9 a partner under minimum data says when the appointment is', () => {
  test('in plain FHIR and BSeR: 5.1.1 with executionPeriod, and another day later', async () => {
    await speaks('bser');
    const made = await say({ ...bser('5.1.1'), executionPeriod: { start: '2026-12-01T09:00:00Z' } });
    expect(told(made)).toEqual([200, '']);
    expect(await read(doctor)).toMatchObject({
      ...statusFor('scheduled'),
      executionPeriod: { start: '2026-12-01T09:00:00Z' },
    });
    // The day after, somebody asks whether the child was there.
    expect(await dueAt()).toEqual(['scheduled', '2026-12-02T09:00:00.000Z']);
    const moved = await say({ ...bser('5.1.1'), executionPeriod: { start: '2026-12-02T09:00:00Z' } });
    expect([...told(moved), moved.json.executionPeriod.start]).toEqual([200, '', '2026-12-02T09:00:00Z']);
    expect(await dueAt()).toEqual(['scheduled', '2026-12-03T09:00:00.000Z']);
    const missed = await say(bser('5.1.2'));
    expect(told(missed)).toEqual([200, '']);
  });

  test('in Gravity, which has no word for it: a time that is new says that there is an appointment', async () => {
    await speaks('gravity');
    const made = await say({ status: 'in-progress', executionPeriod: { start: '2026-12-04T09:00:00Z' } });
    expect(told(made)).toEqual([200, '']);
    expect(await read('system')).toMatchObject(statusFor('scheduled'));
    expect((await read('system')).executionPeriod).toEqual({ start: '2026-12-04T09:00:00Z' });
    // A system that knows no times leaves them out, and takes nothing back.
    const { executionPeriod: _none, ...without } = await read(pantry);
    expect((await house.as(pantry, 'PUT', `/${task}`, without)).status).toBe(200);
    expect((await read('system')).executionPeriod).toEqual({ start: '2026-12-04T09:00:00Z' });
  });

  test('as an Appointment in the output, which comes with the Task', async () => {
    await speaks('fhir');
    expect(told(await say(bser('5.1.3')))).toEqual([200, '']);
    const stranger = { participant: [{ actor: { reference: 'Patient/pv-custody' }, status: 'accepted' }] };
    for (const more of [
      { participant: [{ actor: { display: 'Somebody' }, status: 'accepted' }] },
      stranger,
      { start: undefined },
    ]) {
      const refused = await say({ ...bser('5.1.1'), contained: [appointment(more)], output: outputOf('#visit') });
      expect([refused.status, (await read('system')).contained]).toEqual([422, undefined]);
    }
    const unnamed = await say({ ...bser('5.1.1'), contained: [appointment()] });
    expect(unnamed.status).toBe(422);
    const executionPeriod = { start: '2026-12-03T15:00:00Z', end: '2026-12-03T15:30:00Z' };
    const made = await say({
      ...bser('5.1.1'),
      executionPeriod,
      contained: [appointment()],
      output: outputOf('#visit'),
    });
    expect(told(made)).toEqual([200, '']);
    expect(await read(doctor)).toMatchObject({
      contained: [appointment()],
      output: outputOf('#visit'),
      executionPeriod,
    });
    // And sent back as it was told, it is there once.
    const again = await house.as(pantry, 'PUT', `/${task}`, await read(pantry));
    expect(told(again)).toEqual([200, '']);
    expect((await read('system')).output).toHaveLength(1);
    expect(await dueAt()).toEqual(['scheduled', '2026-12-04T15:30:00.000Z']);
  });

  test('an Appointment that is kept here, of the child; and none of another child', async () => {
    for (const [id, whose] of [
      ['kept', child],
      ['other', 'Patient/pv-elsewhere'],
    ] as const) {
      if (whose !== child)
        await house.as('system', 'PUT', `/${whose}`, { resourceType: 'Patient', id: whose.slice(8) });
      const participant = [{ actor: { reference: whose }, status: 'accepted' }];
      const put = await house.as('system', 'PUT', `/Appointment/${id}`, appointment({ id, participant }));
      expect(put.status).toBe(201);
    }
    const add = async (reference: string) => {
      const before = await read(doctor);
      return house.as(doctor, 'PUT', `/${task}`, { ...before, output: [...before.output, ...outputOf(reference)] });
    };
    expect(told(await add('Appointment/other'))).toEqual([422, expect.stringMatching(/of the same child/)]);
    expect(told(await add('Appointment/kept'))).toEqual([200, '']);
  });
});
