import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createCare } from '../../../src/care/care.ts';
import { reviewJob } from '../../../src/care/emergency/review-job.ts';
import { readState, reasonsAt } from '../../../src/care/emergency/state-row.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import * as a from '../support/child.ts';
import { enlist } from '../support/people.ts';
import * as r from './records.ts';

const now = { at: new Date('2026-11-20T15:00:00Z') };
const clock = { now: () => now.at };
const { checks = [], effects = [], conclusions = [] } = createCare({ clock }).module;
let at: TestStore;
beforeAll(async () => {
  at = await createTestStore({ checks, effects, conclusions, clock });
  await enlist(at.store, 'Practitioner/lead', 'Practitioner/pulmonologist');
});
afterAll(() => at.drop());
beforeEach(() => {
  now.at = new Date('2026-11-20T15:00:00Z');
});

let made = 0;
/** A child of its own with an emergency plan in force, made an hour ago. */
async function child(plan: object = {}, ...more: ((id: string) => Resource)[]): Promise<string> {
  made += 1;
  const id = `s-${made}`;
  const tube = r.device(`${id}-tube`, id, 'Tracheostomy tube 4.0');
  const weight = r.weight(`${id}-weight`, id, 10, '2026-11-01');
  const drug = r.order(`${id}-drug`, id, 'Budesonide');
  await put(r.patient(id), r.shared(id), tube, weight, drug, ...more.map((make) => make(id)));
  await put(r.scenario(`${id}-out`, id, ['device-failure']), r.emergencyPlan(id, [`${id}-out`], plan));
  later(1 / 24);
  return id;
}
const put = (...resources: Resource[]) => a.put(at.store, a.coordinator, ...resources);
const sync = (...resources: Resource[]) => a.put(at.store, a.syncActor, ...resources.map((one) => a.mirrored(one)));
const later = (days: number) => {
  now.at = new Date(now.at.getTime() + days * 86_400_000);
};
const reasons = async (id: string) => {
  const state = await readState(at.store, id);
  return state && reasonsAt(state, now.at).map(({ code }) => code);
};
async function tasks(id: string): Promise<any[]> {
  const rows = await at.store.recordsOf([id], ['Task']);
  return rows
    .map(({ stored }) => a.parsed<any>(stored))
    .filter(({ code }) => code?.coding?.[0]?.code === 'emergency-plan-review');
}
const open = async (id: string) => (await tasks(id)).filter(({ status }) => status === 'requested');
const run = (id: string) =>
  reviewJob.run(
    { kind: 'care.emergency-review', key: id, payload: {}, attempt: 1 },
    { store: at.store, log: at.log, clock },
  );

describe('D6 what makes a plan due for another check', () => {
  test.each<[string, (id: string) => Resource]>([
    ['admission', (id) => r.encounter(`${id}-e`, id, 'IMP')],
    [
      'admission',
      (id) =>
        r.encounter(`${id}-e`, id, 'EMER', {
          status: 'finished',
          period: { start: '2026-11-20T15:10:00Z', end: '2026-11-20T15:40:00Z' },
        }),
    ],
    ['device', (id) => r.device(`${id}-new`, id, 'Oxygen concentrator')],
    ['device', (id) => r.device(`${id}-tube`, id, 'Tracheostomy tube 4.5')],
    ['device', (id) => r.use(`${id}-use`, id, `Device/${id}-tube`)],
    ['drug', (id) => r.order(`${id}-o`, id, 'Levetiracetam')],
    ['weight', (id) => r.weight(`${id}-w`, id, 11.1, '2026-11-20')],
    ['weight', (id) => r.weight(`${id}-w`, id, 19.6, '2026-11-20', '[lb_av]')],
  ])('%s, written here or brought by the sync', async (code, record) => {
    for (const by of [put, sync]) {
      now.at = new Date('2026-11-20T15:00:00Z');
      const id = await child();
      expect(await reasons(id)).toEqual([]);
      await by(record(id));
      expect(await reasons(id)).toEqual([code]);
      expect(await open(id)).toHaveLength(1);
    }
  });

  test.each<[string, (id: string) => Resource]>([
    ['a visit to the clinic', (id) => r.encounter(`${id}-e`, id, 'AMB')],
    ['an admission that is only planned', (id) => r.encounter(`${id}-e`, id, 'IMP', { status: 'planned' })],
    [
      'an admission of years ago that a hospital tells of now',
      (id) =>
        r.encounter(`${id}-e`, id, 'IMP', { status: 'finished', period: { start: '2023-02-01', end: '2023-02-09' } }),
    ],
    [
      'the same device with other words about it',
      (id) => ({
        ...r.device(`${id}-tube`, id, 'Tracheostomy tube 4.0'),
        text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' },
      }),
    ],
    ['the same drug ordered again', (id) => r.order(`${id}-o`, id, 'budesonide ')],
    ['an order that was stopped', (id) => r.order(`${id}-o`, id, 'Levetiracetam', { status: 'stopped' })],
    ['an order not to give something', (id) => r.order(`${id}-o`, id, 'Codeine', { doNotPerform: true })],
    ['a tenth of the weight', (id) => r.weight(`${id}-w`, id, 11, '2026-11-20')],
    ['a weight of before', (id) => r.weight(`${id}-w`, id, 7, '2026-05-20')],
    ['something of another child', (id) => r.encounter(`${id}-e`, 'somebody-else', 'IMP')],
  ])('not %s', async (_, record) => {
    const id = await child();
    await put(record(id));
    expect(await reasons(id)).toEqual([]);
    expect(await tasks(id)).toEqual([]);
  });

  test('six months, a month for an infant, or the day that people planned; the Task by a job, the state by the clock alone', async () => {
    const id = await child();
    now.at = new Date('2027-05-20T14:59:59Z');
    expect(await reasons(id)).toEqual([]);
    now.at = new Date('2027-05-20T15:00:00Z');
    expect(await reasons(id)).toEqual(['six-months']);
    await run(id);
    await run(id);
    expect((await open(id)).map(({ description }) => description)).toEqual([
      expect.stringContaining('six months are over'),
    ]);
    expect(await reasons(id)).toEqual(['six-months']);

    now.at = new Date('2026-11-20T15:00:00Z');
    const infant = await child({}, (one) => r.patient(one, { birthDate: '2026-08-31' }));
    now.at = new Date('2026-12-20T15:00:00Z');
    expect(await reasons(infant)).toEqual(['infant-month']);

    now.at = new Date('2026-11-20T15:00:00Z');
    const planned = await child({ period: { start: '2026-11-20', end: '2027-01-15' } });
    now.at = new Date('2027-01-15T00:00:00Z');
    expect(await reasons(planned)).toEqual(['planned-review']);
  });

  test('one Task asks for the check, says every reason and no name, and goes to the lead coordinator', async () => {
    const lead = {
      extension: [{ url: 'http://careweave.org/fhir/StructureDefinition/lead-coordinator', valueBoolean: true }],
      role: [{ text: 'Coordinator' }],
      member: { reference: 'Practitioner/lead' },
    };
    const id = await child({}, (one) => ({
      resourceType: 'CareTeam',
      id: `${one}-team`,
      status: 'active',
      subject: { reference: `Patient/${one}` },
      participant: [lead],
    }));
    await put(r.order(`${id}-o`, id, 'Levetiracetam'));
    await sync(r.device(`${id}-pump`, id, 'Infusion pump'), r.encounter(`${id}-e`, id, 'IMP'));
    const [task, ...more] = await tasks(id);
    expect(more).toEqual([]);
    expect(task).toMatchObject({
      status: 'requested',
      owner: { reference: 'Practitioner/lead' },
      focus: { reference: `CarePlan/${id}-emergency` },
      for: { reference: `Patient/${id}` },
    });
    expect(task.description).toContain(
      'there is a new drug; a device was added, changed or taken away; the child was admitted',
    );
    expect(task.description).not.toMatch(/Levetiracetam|pump/);
    const [clockRow] = await at.store.query<{ owner: string }>('SELECT owner FROM task_clock WHERE task_id = $1', [
      task.id,
    ]);
    expect(clockRow?.owner).toBe('Practitioner/lead');
  });

  test('the check closes it and begins anew: what the child takes and weighs now is what later changes are measured against', async () => {
    const id = await child();
    await put(r.order(`${id}-o`, id, 'Levetiracetam'), r.weight(`${id}-w`, id, 12, '2026-11-20'));
    expect(await reasons(id)).toEqual(['drug', 'weight']);
    const [task] = await open(id);
    await put({ ...task, status: 'completed' });
    expect(await reasons(id)).toEqual([]);
    expect(await open(id)).toEqual([]);
    expect((await readState(at.store, id))?.reviewedBy).toBe(a.coordinator.id);
    await put(r.order(`${id}-again`, id, 'Levetiracetam'), r.weight(`${id}-w2`, id, 13, '2026-11-20'));
    expect(await reasons(id)).toEqual([]);
    await put(r.weight(`${id}-w3`, id, 10, '2026-11-20'));
    expect(await reasons(id)).toEqual(['weight']);
  });

  test('a check of its own, without a Task that asked for it, closes the one that did', async () => {
    const id = await child();
    await put(r.encounter(`${id}-e`, id, 'IMP'));
    await put(r.review(`${id}-review`, id, { owner: { reference: 'Practitioner/pulmonologist' } }));
    expect((await tasks(id)).map(({ status }) => status)).toEqual(['completed', 'completed']);
    expect(await reasons(id)).toEqual([]);
  });

  test('a check that is told of late leaves what came after it', async () => {
    const id = await child();
    await put(r.encounter(`${id}-e`, id, 'IMP'));
    later(1);
    const held = now.at.toISOString();
    later(1);
    await put(r.device(`${id}-pump`, id, 'Infusion pump'));
    await put(r.review(`${id}-review`, id, { executionPeriod: { end: held } }));
    expect(await reasons(id)).toEqual(['device']);
    expect(await open(id)).toHaveLength(1);
    await put(r.review(`${id}-older`, id, { executionPeriod: { end: '2026-01-01' } }));
    expect(await reasons(id)).toEqual(['device']);
  });

  test('what a check cannot be: of the future, of another plan, of a plan that does not say what to do when a device fails', async () => {
    const id = await child();
    const refused = async (task: Resource) => a.refusedBy(await a.tryPut(at.store, a.coordinator, task));
    expect(await refused(r.review(`${id}-x`, id, { executionPeriod: { end: '2027-01-01' } }))).toBe(
      'emergency-plan-review',
    );
    expect(await refused(r.review(`${id}-x`, id, { focus: { reference: `CarePlan/${id}-shared` } }))).toBe(
      'emergency-plan-review',
    );
    expect(await refused(r.review(`${id}-x`, id, { for: { reference: 'Patient/somebody-else' } }))).toBe(
      'emergency-plan-review',
    );
    await put(r.device(`${id}-vent`, id, 'Ventilator'));
    const [task] = await open(id);
    expect(await refused({ ...task, status: 'completed' })).toBe('emergency-plan-review');
    expect(await reasons(id)).toEqual(['device']);
    const list = [`${id}-out`, `${id}-power`];
    await put(
      { ...task, status: 'completed' },
      r.scenario(`${id}-power`, id, ['power-failure']),
      r.emergencyPlan(id, list),
    );
    expect(await reasons(id)).toEqual([]);
  });

  test('a Task that was cancelled is not the check; the next reason asks again', async () => {
    const id = await child();
    await put(r.encounter(`${id}-e`, id, 'IMP'));
    const [task] = await open(id);
    await put({ ...task, status: 'cancelled', statusReason: { text: 'Not now' } });
    expect([await reasons(id), await open(id)]).toEqual([['admission'], []]);
    await put(r.device(`${id}-pump`, id, 'Infusion pump'));
    expect(await open(id)).toHaveLength(1);
  });

  test('a plan that ends takes its state and its Task with it', async () => {
    const id = await child();
    await put(r.encounter(`${id}-e`, id, 'IMP'));
    await put(r.emergencyPlan(id, [`${id}-out`], { status: 'completed' }));
    expect(await readState(at.store, id)).toBeUndefined();
    expect((await tasks(id)).map(({ status }) => status)).toEqual(['cancelled']);
    await run(id);
    await put(r.emergencyPlan(id, [`${id}-out`]));
    expect(await reasons(id)).toEqual([]);
    await at.store.transact(a.coordinator, (tx) => tx.delete('CarePlan', `${id}-emergency`));
    expect(await readState(at.store, id)).toBeUndefined();
  });

  test('who makes a plan active and who adds a device at that moment wait for each other', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await child({ status: 'draft' });
      const pump = r.device(`${id}-pump`, id, 'Infusion pump');
      await Promise.all([put(r.emergencyPlan(id, [`${id}-out`])), put(pump)]);
      const state = await readState(at.store, id);
      const stored = await at.store.read('Device', `${id}-pump`);
      // Either the plan was made active with the pump in the record, or it is due for it.
      const isKnown = (stored?.lastUpdated ?? '') <= (state?.reviewedAt.toISOString() ?? '');
      expect(isKnown || (await reasons(id))?.includes('device')).toBe(true);
    }
  });
});
