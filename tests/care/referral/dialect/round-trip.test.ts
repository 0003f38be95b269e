import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bserStatus, type CanonicalState, stateOf, statusFor } from '../../../../src/care/referral/canonical-state.ts';
import { gravityTask } from '../../../../src/care/referral/dialect/tell.ts';
import { openTestHouse, type TestHouse } from '../../../support/house.ts';
import { type Caller, caller, textOf } from '../support/partners.ts';

/** Two systems: ours, and the partner's own server, which keeps what it was told in its own words. */
let ours: TestHouse;
let theirs: TestHouse;
let clinic: Caller;
let gravity: Caller;
let bser: Caller;
let theirStore: Caller;

beforeAll(async () => {
  [ours, theirs] = await Promise.all([openTestHouse(), openTestHouse()]);
  clinic = await caller(ours, 'clinic', { speaks: 'fhir', actsFor: ['Organization/clinic'] });
  gravity = await caller(ours, 'pantry', { speaks: 'gravity', actsFor: ['Organization/pantry'] });
  bser = await caller(ours, 'wic', { speaks: 'bser', actsFor: ['Organization/wic'] });
  theirStore = await caller(theirs, 'their app');
  for (const at of [clinic, theirStore]) {
    await at.send('PUT', '/Patient/robin', { resourceType: 'Patient', id: 'robin', name: [{ family: 'Example' }] });
    for (const id of ['clinic', 'pantry', 'wic'])
      await at.send('PUT', `/Organization/${id}`, { resourceType: 'Organization', id, name: `Invented ${id}` });
    const procedure = { resourceType: 'Procedure', id: 'given', status: 'completed', subject };
    await at.send('PUT', '/Procedure/given', procedure);
  }
}, 90_000);
afterAll(() => Promise.all([ours.shut(), theirs.shut()]));

const subject = { reference: 'Patient/robin' };
const fulfill = { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] };

/** A referral by the clinic to somebody, sent. */
async function refer(id: string, owner: string): Promise<void> {
  const request = {
    resourceType: 'ServiceRequest',
    id,
    status: 'active',
    intent: 'order',
    subject,
    code: { text: 'Food' },
  };
  expect((await clinic.send('PUT', `/ServiceRequest/${id}`, request)).status).toBe(201);
  const task = {
    ...{ resourceType: 'Task', id, status: 'requested', intent: 'order', code: fulfill, for: subject },
    ...{ focus: { reference: `ServiceRequest/${id}` }, requester: { reference: 'Organization/clinic' } },
    ...{ owner: { reference: owner }, authoredOn: '2026-11-02' },
  };
  expect((await clinic.send('PUT', `/Task/${id}`, task)).status).toBe(201);
  await theirStore.send('PUT', `/ServiceRequest/${id}`, request);
}
const stateHere = async (id: string): Promise<CanonicalState | undefined> => stateOf(await clinic.read(`Task/${id}`));
const moveHere = async (id: string, state: CanonicalState, more: object = {}) => {
  const task = await clinic.read(`Task/${id}`);
  return clinic.send('PUT', `/Task/${id}`, { ...task, businessStatus: undefined, ...statusFor(state), ...more });
};

/**
 * The partner takes the referral over to its own server, says there where it stands, in nothing but the words of its dialect, and brings that back.
 */
async function bring(from: Caller, id: string, words: object): Promise<void> {
  const told = await from.read(`Task/${id}`);
  const there = await theirStore.send('PUT', `/Task/${id}`, { ...told, meta: undefined, ...words });
  expect([textOf(there), there.status]).toEqual(['', expect.any(Number)]);
  const kept = await theirStore.read(`Task/${id}`);
  const back = await from.send(
    'PUT',
    `/Task/${id}`,
    { ...kept, meta: told.meta },
    { 'If-Match': `W/"${told.meta.versionId}"` },
  );
  expect([textOf(back), back.status]).toEqual(['', 200]);
}
const business = (code: string) => ({ businessStatus: { coding: [{ system: bserStatus, code }] } });
const output = [{ type: { text: 'Result' }, valueReference: { reference: 'Procedure/given' } }];

test('S4.3 a referral crosses to the server of a Gravity partner, comes back completed, and is closed here', async () => {
  await refer('by-gravity', 'Organization/pantry');
  const first = await gravity.read('Task/by-gravity');
  expect(first).toMatchObject({ status: 'requested', meta: { profile: [gravityTask] } });
  const nothing = { businessStatus: undefined };
  await bring(gravity, 'by-gravity', { status: 'accepted', ...nothing });
  expect(await stateHere('by-gravity')).toBe('accepted');
  await bring(gravity, 'by-gravity', { status: 'in-progress', ...nothing });
  expect(await stateHere('by-gravity')).toBe('active');
  await bring(gravity, 'by-gravity', { status: 'completed', output, ...nothing });
  expect(await stateHere('by-gravity')).toBe('completed');
  expect((await clinic.read('ServiceRequest/by-gravity')).status).toBe('active');
  expect((await moveHere('by-gravity', 'loop-closed')).status).toBe(200);
  expect((await clinic.read('ServiceRequest/by-gravity')).status).toBe('completed');
  expect((await gravity.read('Task/by-gravity')).status).toBe('completed');
});

test('D9 the same referral with a BSeR partner: each of its codes arrives, and what it has no word for is told all the same', async () => {
  await refer('by-bser', 'Organization/wic');
  const first = await bser.read('Task/by-bser');
  expect([first.status, first.businessStatus.coding[0].code]).toEqual(['received', '2.0']);
  const steps: [string, string, CanonicalState][] = [
    ['accepted', '3.0', 'accepted'],
    ['in-progress', '5.1.1', 'scheduled'],
    ['in-progress', '5.1.2', 'no-show'],
    ['in-progress', '5.1.1', 'scheduled'],
    ['in-progress', '5.1.4', 'visit-done'],
  ];
  for (const [status, code, state] of steps) {
    await bring(bser, 'by-bser', { status, ...business(code) });
    expect(await stateHere('by-bser')).toBe(state);
  }
  await bring(bser, 'by-bser', { status: 'completed', output, ...business('7.0') });
  expect(await stateHere('by-bser')).toBe('completed');
  expect((await moveHere('by-bser', 'loop-closed')).status).toBe(200);
  const last = await bser.read('Task/by-bser');
  expect([last.status, last.businessStatus.coding[0].code]).toEqual(['completed', '7.0']);
});

describe('every way in and out speaks the dialect', () => {
  test('PATCH, a transaction and a batch', async () => {
    await refer('ways', 'Organization/wic');
    // What it was told is patched, not what is kept.
    const patch = [
      { op: 'test', path: '/status', value: 'received' },
      { op: 'replace', path: '/status', value: 'accepted' },
      { op: 'replace', path: '/businessStatus', value: business('3.0').businessStatus },
    ];
    const patched = await bser.send('PATCH', '/Task/ways', patch);
    expect([patched.status, patched.json.status]).toEqual([200, 'accepted']);
    const task = { ...(await bser.read('Task/ways')), status: 'on-hold' };
    const entry = [{ resource: task, request: { method: 'PUT', url: 'Task/ways' } }];
    const refused = await bser.send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
    expect([refused.status, textOf(refused)]).toEqual([422, expect.stringMatching(/referral-dialect-bser/)]);
    const scheduled = { ...task, status: 'in-progress', ...business('5.1.1') };
    const done = await bser.send('POST', '', {
      ...{ resourceType: 'Bundle', type: 'transaction' },
      entry: [{ resource: scheduled, request: { method: 'PUT', url: 'Task/ways' } }],
    });
    expect(done.status).toBe(200);
    expect(await stateHere('ways')).toBe('scheduled');
    await moveHere('ways', 'cancel-requested', { statusReason: { text: 'The family moves' } });
    const batch = await bser.send('POST', '', {
      ...{ resourceType: 'Bundle', type: 'batch' },
      entry: [{ request: { method: 'GET', url: 'Task/ways' } }, { request: { method: 'GET', url: 'Task?_id=ways' } }],
    });
    const [read, found] = batch.json.entry.map(({ resource }: any) => resource);
    expect(read).toMatchObject(business('5.2'));
    expect(found.entry[0].resource).toMatchObject(business('5.2'));
  });

  test('a search by the words of the dialect finds what is told so, and nothing else', async () => {
    const states = [
      'sent',
      'seen',
      'more-information',
      'waitlisted',
      'active',
      'accepted',
      'failed',
      'completed',
    ] as const;
    const focus = { reference: 'ServiceRequest/ways' };
    for (const state of states) {
      for (const [owner, prefix] of [
        ['wic', 'w'],
        ['pantry', 'p'],
      ]) {
        const reason = { statusReason: { text: 'An example' } };
        const task = {
          resourceType: 'Task',
          id: `${prefix}-${state}`,
          intent: 'order',
          code: fulfill,
          focus,
          for: subject,
        };
        const parties = {
          requester: { reference: 'Organization/clinic' },
          owner: { reference: `Organization/${owner}` },
        };
        const made = await clinic.send('PUT', `/Task/${task.id}`, {
          ...task,
          ...parties,
          ...reason,
          ...statusFor(state),
        });
        expect([textOf(made), made.status]).toEqual(['', 201]);
      }
    }
    // One that was held by somebody who knows no codes.
    const uncoded = { ...(await clinic.read('Task/w-more-information')), id: 'w-uncoded', businessStatus: undefined };
    expect((await clinic.send('PUT', '/Task/w-uncoded', uncoded)).status).toBe(201);
    const asked = async (by: Caller, owner: string, query: string) => {
      const { json, status } = await by.send('GET', `/Task?owner=Organization/${owner}&_total=accurate&${query}`);
      expect(status).toBe(200);
      const found = (json.entry ?? [])
        .map(({ resource }: any) => resource.id)
        .filter((id: string) => /^[wp]-/.test(id));
      return found.sort();
    };
    expect(await asked(bser, 'wic', 'status=received')).toEqual([
      'w-more-information',
      'w-seen',
      'w-sent',
      'w-uncoded',
    ]);
    expect(await asked(bser, 'wic', 'status=in-progress')).toEqual(['w-active', 'w-waitlisted']);
    expect(await asked(bser, 'wic', 'status=completed')).toEqual(['w-completed', 'w-failed']);
    expect(await asked(bser, 'wic', 'status:not=in-progress,received,completed')).toEqual(['w-accepted']);
    expect(await asked(bser, 'wic', 'business-status=2.0')).toEqual([
      'w-more-information',
      'w-seen',
      'w-sent',
      'w-uncoded',
    ]);
    expect(await asked(bser, 'wic', `business-status=${bserStatus}|3.0`)).toEqual(['w-accepted']);
    expect(await asked(gravity, 'pantry', 'status=requested')).toEqual(['p-seen', 'p-sent']);
    expect(await asked(gravity, 'pantry', 'status=on-hold')).toEqual(['p-more-information', 'p-waitlisted']);
    expect(await asked(clinic, 'pantry', 'status=requested')).toEqual(['p-sent']);
  });

  test('polling: what has changed for me since I last asked, and the pages of it', async () => {
    const before = await bser.send('GET', '/Task?owner=Organization/wic&_sort=-_lastUpdated&_count=1');
    const since = before.json.entry[0].resource.meta.lastUpdated;
    await refer('new-1', 'Organization/wic');
    await refer('new-2', 'Organization/wic');
    await refer('not-mine', 'Organization/pantry');
    const query = `/Task?owner=Organization/wic&_lastUpdated=gt${since}&status=received&_sort=_lastUpdated&_count=1`;
    const first = await bser.send('GET', query);
    expect(first.json.entry.map(({ resource }: any) => [resource.id, resource.status])).toEqual([
      ['new-1', 'received'],
    ]);
    const next = first.json.link.find(({ relation }: any) => relation === 'next').url.replace(`${ours.url}/fhir`, '');
    const second = await bser.send('GET', next);
    expect(second.json.entry.map(({ resource }: any) => [resource.id, resource.status])).toEqual([
      ['new-2', 'received'],
    ]);
  });
});

test('commands refuse a client that is not there, another dialect, and who is nobody', async () => {
  await expect(ours.command('referral', 'partner', 'set', 'nobody', '--dialect', 'bser')).rejects.toThrow(
    /no such client/,
  );
  await expect(ours.command('referral', 'partner', 'set', bser.id, '--dialect', 'latin')).rejects.toThrow(
    /one of fhir, gravity, bser/,
  );
  const person = ['--dialect', 'bser', '--acts-for', 'Practitioner/x'];
  await expect(ours.command('referral', 'partner', 'set', bser.id, ...person)).rejects.toThrow(/Organization\/id/);
  expect(await ours.command('referral', 'partner', 'list')).toContain(`${bser.id}\tbser\tOrganization/wic`);
  await ours.command('referral', 'partner', 'remove', gravity.id);
  expect(await ours.command('referral', 'partner', 'list')).not.toContain(gravity.id);
});
