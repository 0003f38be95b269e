import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemClock } from '../../../../src/base/clock.ts';
import { createCare } from '../../../../src/care/care.ts';
import { stateOf, statusFor } from '../../../../src/care/referral/canonical-state.ts';
import type { Resource, r4 } from '../../../../src/fhir/types.ts';
import type { Actor } from '../../../../src/store/types.ts';
import { startHttp, type TestHttp } from '../../../support/http.ts';
import * as a from '../../support/child.ts';
import { enlist } from '../../support/people.ts';

const { checks, effects, conclusions } = createCare({ clock: systemClock }).module;
let http: TestHttp;
beforeAll(async () => {
  http = await startHttp({}, { checks, effects, conclusions });
  await enlist(http.store, asks.id, does.id);
});
afterAll(() => http.close());

const asks: Actor = { kind: 'user', id: 'Practitioner/asks', requestId: 'test' };
const does: Actor = { kind: 'user', id: 'Practitioner/does', requestId: 'test' };

async function refer(id: string): Promise<void> {
  const parties = { requester: { reference: asks.id }, owner: { reference: does.id } };
  const focus = { reference: `ServiceRequest/${id}` };
  await a.put(http.store, a.coordinator, a.request(id, 'Cardiology'), a.task(id, 'x', { focus, ...parties }));
}
const read = async (id: string) => a.parsed<Resource & r4.Task>(await http.store.read('Task', id));
const move = async (actor: Actor, id: string, to: Parameters<typeof statusFor>[0], more: object = {}) => {
  const { businessStatus: _was, ...task } = await read(id);
  return a.tryPut(http.store, actor, { ...task, ...statusFor(to), ...more });
};
const questionsOf = async (id: string): Promise<(Resource & r4.Task)[]> => {
  const { json } = await http.send('GET', `/fhir/Task?focus=Task/${id}&_sort=_lastUpdated`);
  return (json.entry ?? []).map(({ resource }: any) => resource);
};
const statusReason = { text: 'Has the child had an ultrasound?' };

test('D9 a question goes to the requester as a Task; its answer sends the referral again', async () => {
  await refer('asked');
  expect((await move(does, 'asked', 'more-information', { statusReason })).ok).toBe(true);
  const [question, ...more] = await questionsOf('asked');
  expect(more).toEqual([]);
  expect(question).toMatchObject({
    ...{ status: 'requested', description: statusReason.text, for: a.child, partOf: [{ reference: 'Task/asked' }] },
    ...{ owner: { reference: asks.id }, requester: { reference: does.id } },
  });
  // It waits in the queue of whoever asked.
  const clocks = await http.store.query('SELECT owner FROM task_clock WHERE task_id = $1', [question?.id]);
  expect(clocks).toEqual([{ owner: asks.id }]);
  const done = { ...question, status: 'completed' } as Resource;
  expect(a.refusedBy(await a.tryPut(http.store, asks, done))).toBe('referral-answer');
  const answered = { ...done, output: [{ type: { text: 'Answer' }, valueString: 'Yes, in March' }] };
  // Who asks a question does not answer it.
  expect(a.refusedBy(await a.tryPut(http.store, does, answered))).toBe('referral-move');
  expect((await questionsOf('asked'))[0]?.status).toBe('requested');
  expect((await a.tryPut(http.store, asks, answered)).ok).toBe(true);
  const referral = await read('asked');
  expect([stateOf(referral), referral.statusReason]).toEqual(['sent', undefined]);
  expect((await move(does, 'asked', 'accepted')).ok).toBe(true);
});

test('D9 with two questions the referral waits for both answers', async () => {
  await refer('twice');
  await move(does, 'twice', 'more-information', { statusReason });
  const [first] = await questionsOf('twice');
  const { id: _id, meta: _meta, ...copy } = first ?? { resourceType: 'Task' };
  await a.put(http.store, does, { ...copy, id: 'second', description: 'And an ECG?' } as Resource);
  const note = [{ text: 'Yes' }];
  await a.put(http.store, asks, { ...first, status: 'completed', note } as Resource);
  expect(stateOf(await read('twice'))).toBe('more-information');
  await a.put(http.store, asks, { ...(await read('second')), status: 'completed', note });
  expect(stateOf(await read('twice'))).toBe('sent');
});

test('D9 a referral that moves on without an answer takes its question along', async () => {
  await refer('gone');
  await move(does, 'gone', 'more-information', { statusReason });
  expect((await move(does, 'gone', 'declined', { statusReason: { text: 'Too old' } })).ok).toBe(true);
  expect((await questionsOf('gone')).map(({ status }) => status)).toEqual(['cancelled']);
  await refer('sent-on');
  await move(does, 'sent-on', 'more-information', { statusReason });
  expect((await move(asks, 'sent-on', 'sent', { statusReason: undefined })).ok).toBe(true);
  expect((await questionsOf('sent-on')).map(({ status }) => status)).toEqual(['cancelled']);
});

test('D9 without a question in words nobody is asked; the clock is', async () => {
  await refer('mute');
  expect((await move(does, 'mute', 'more-information')).ok).toBe(true);
  expect(await questionsOf('mute')).toEqual([]);
});
