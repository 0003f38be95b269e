import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../../src/base/clock.ts';
import { createCare } from '../../../../src/care/care.ts';
import { stateOf, statusFor } from '../../../../src/care/referral/canonical-state.ts';
import type { Resource, r4 } from '../../../../src/fhir/types.ts';
import type { Actor } from '../../../../src/store/types.ts';
import { createTestStore, type TestStore } from '../../../support/database.ts';
import * as a from '../../support/child.ts';
import { enlist } from '../../support/people.ts';

const { checks, effects, conclusions } = createCare({ clock: systemClock }).module;
let at: TestStore;
beforeAll(async () => {
  at = await createTestStore({ checks, effects, conclusions });
  await enlist(at.store, 'Organization/clinic', 'Organization/platform', 'Organization/pantry');
  await at.store.query(
    "INSERT INTO referral_partner (client_id, dialect, acts_for) VALUES ('platform', 'gravity', '{Organization/platform}'), ('pantry', 'gravity', '{Organization/pantry}')",
  );
});
afterAll(() => at.drop());

const platform: Actor = { kind: 'client', id: 'platform', requestId: 'test' };
const pantry: Actor = { kind: 'client', id: 'pantry', requestId: 'test' };
const reference = (to: string) => ({ reference: to });
const fulfill = { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] };
const of = (id: string, more: object) => a.task(id, 'x', { intent: 'order', code: fulfill, ...more });

/** The clinic asks the platform. */
async function source(id: string): Promise<void> {
  const parties = { requester: reference('Organization/clinic'), owner: reference('Organization/platform') };
  await a.put(
    at.store,
    a.coordinator,
    a.request(id, 'Food'),
    of(id, { focus: reference(`ServiceRequest/${id}`), ...parties }),
  );
}
/** The platform asks the pantry for it. */
function part(
  id: string,
  sourceId: string,
  { request = {}, task = {} }: { request?: object; task?: object } = {},
): Resource[] {
  const basedOn = [reference(`ServiceRequest/${sourceId}`)];
  const parties = { requester: reference('Organization/platform'), owner: reference('Organization/pantry') };
  const focus = reference(`ServiceRequest/${id}`);
  return [
    a.request(id, 'Food', { intent: 'filler-order', basedOn, ...request }),
    of(id, { focus, partOf: [reference(`Task/${sourceId}`)], ...parties, ...task }),
  ];
}
const read = async (id: string) => a.parsed<Resource & r4.Task>(await at.store.read('Task', id));
const state = async (id: string) => stateOf(await read(id));
const move = async (actor: Actor, id: string, to: Parameters<typeof statusFor>[0], more: object = {}) => {
  const { businessStatus: _was, ...task } = await read(id);
  return a.tryPut(at.store, actor, { ...task, ...statusFor(to), ...more });
};

describe('referral-part refuses', () => {
  test.each([
    ['an order that is no filler order', { request: { intent: 'order' } }],
    ['a request that is based on nothing', { request: { basedOn: undefined } }],
    ['a request that is based on another', { request: { basedOn: [reference('ServiceRequest/other')] } }],
    ['a source that is not here', { task: { partOf: [reference('Task/never-was')] } }],
    ['a part of a part', { task: { partOf: [reference('Task/ref-part')] } }],
    ['another child', { request: { subject: reference('Patient/other') }, task: { for: reference('Patient/other') } }],
  ])('%s', async (name, wrong) => {
    await source('ref');
    expect((await a.tryPut(at.store, platform, ...part('ref-part', 'ref'))).ok).toBe(true);
    expect(a.refusedBy(await a.tryPut(at.store, platform, ...part(`x-${name.length}`, 'ref', wrong)))).toBe(
      'referral-part',
    );
  });

  test('D9 completing the source while a part of it is open', async () => {
    await source('early');
    await a.put(at.store, platform, ...part('early-part', 'early'));
    await move(pantry, 'early-part', 'accepted');
    expect(await state('early')).toBe('accepted');
    expect(a.refusedBy(await move(platform, 'early', 'completed'))).toBe('referral-move');
  });
});

test('D9 S4.3 a platform passes a referral on to two; the source follows them, and closes after both', async () => {
  await source('food');
  await a.put(at.store, platform, ...part('food-1', 'food'));
  await a.put(at.store, platform, ...part('food-2', 'food'));
  expect(await state('food')).toBe('sent');
  expect((await move(pantry, 'food-1', 'declined', { statusReason: { text: 'Too far away' } })).ok).toBe(true);
  expect(await state('food')).toBe('sent');
  expect((await move(pantry, 'food-2', 'accepted')).ok).toBe(true);
  expect(await state('food')).toBe('accepted');
  expect((await move(pantry, 'food-2', 'active')).ok).toBe(true);
  expect(await state('food')).toBe('active');
  // The pantry does the part; the source is not its own.
  expect(a.refusedBy(await move(pantry, 'food', 'failed', { statusReason: { text: 'x' } }))).toBe('referral-move');
  expect((await move(pantry, 'food-2', 'completed')).ok).toBe(true);
  expect(await state('food')).toBe('completed');
  expect(a.parsed<r4.ServiceRequest>(await at.store.read('ServiceRequest', 'food')).status).toBe('active');
  // Clocks see the source move too.
  const [row] = await at.store.query<{ state: string }>("SELECT state FROM task_clock WHERE task_id = 'food'");
  expect(row?.state).toBe('completed');
  const closed = await move(a.coordinator, 'food', 'loop-closed', { note: [{ text: 'The family has food' }] });
  expect(closed.ok).toBe(true);
  expect(a.parsed<r4.ServiceRequest>(await at.store.read('ServiceRequest', 'food')).status).toBe('completed');
});

test('D9 what is refused of a part leaves the source where it was', async () => {
  await source('whole');
  await a.put(at.store, platform, ...part('whole-part', 'whole'));
  expect(a.refusedBy(await move(pantry, 'whole-part', 'loop-closed'))).toBe('referral-move');
  expect([await state('whole'), await state('whole-part')]).toEqual(['sent', 'sent']);
});
