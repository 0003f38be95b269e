import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createCare } from '../../../src/care/care.ts';
import type { Composed } from '../../../src/care/plan/compose.ts';
import { activitySystem } from '../../../src/care/plan/hospital-activity.ts';
import { reviewNote } from '../../../src/care/plan/keep-activities.ts';
import { parseJson } from '../../../src/fhir/json.ts';
import { planCategory } from '../../../src/fhir/shared-plan.ts';
import type { Resource, r4 } from '../../../src/fhir/types.ts';
import { seesAll } from '../../../src/store/types.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import * as a from '../support/child.ts';

const clock = { now: () => new Date('2026-11-15T12:00:00.000Z') };
const care = createCare({ clock });
let at: TestStore;

beforeEach(async () => {
  at = await createTestStore({ ...care.module });
  await a.put(at.store, a.coordinator, a.patient);
});
afterEach(() => at.drop());

const careActor = { kind: 'system', id: 'care', requestId: 'test' } as const;

async function compose(options: { begin?: boolean } = {}): Promise<Composed> {
  const composed = await at.store.transact(careActor, (tx) => care.composePlan(tx, a.childId, options));
  if (!composed.ok) throw new Error(composed.error.issues[0]?.text);
  return composed.value;
}

async function plan(id: string): Promise<r4.CarePlan> {
  return a.parsed(await at.store.read('CarePlan', id));
}

async function all<T>(type: string): Promise<T[]> {
  const query = { type, filters: [], includes: [], revincludes: [], sort: [], count: 1000, total: 'none' as const };
  const found = await at.store.search(query, seesAll);
  if (!found.ok) throw new Error(found.error.issues[0]?.text);
  return found.value.matches.map(({ json }) => parseJson(json) as T);
}

const references = (list: readonly r4.Reference[] | undefined) => (list ?? []).map(({ reference }) => reference);

async function jobs(): Promise<string[]> {
  const rows = await at.store.query<{ kind: string; key: string }>('SELECT kind, key FROM job ORDER BY key');
  return rows.map(({ kind, key }) => `${kind} ${key}`);
}

describe('composing refuses', () => {
  test('a child who is not here, or is deleted', async () => {
    const compose = (id: string) => at.store.transact(careActor, (tx) => care.composePlan(tx, id));
    expect(await compose('nobody')).toMatchObject({ ok: false, error: { kind: 'not-found' } });
    await at.store.transact(a.coordinator, (tx) => tx.delete('Patient', a.childId));
    expect(await compose(a.childId)).toMatchObject({ ok: false, error: { kind: 'not-found' } });
  });

  test('to begin a second plan beside one on hold', async () => {
    const { planId } = await compose();
    await a.put(at.store, a.coordinator, { ...(await plan(planId)), status: 'on-hold' });
    const begun = await at.store.transact(careActor, (tx) => care.composePlan(tx, a.childId, { begin: true }));
    expect(a.refusedBy(begun)).toBe('one-active-shared-plan');
    expect(await compose()).toEqual({ planId, outcome: 'left-alone' });
  });

  test('to undo that people ended a plan, unless a person asks', async () => {
    const { planId } = await compose();
    await a.put(at.store, a.coordinator, { ...(await plan(planId)), status: 'completed' });
    expect(await compose()).toEqual({ planId, outcome: 'left-alone' });
    const second = await compose({ begin: true });
    expect(second.outcome).toBe('created');
    expect(references((await plan(second.planId)).replaces)).toEqual([`CarePlan/${planId}`]);
    expect((await plan(planId)).status).toBe('completed');
  });
});

describe('a composed plan', () => {
  test('weaves what is known into one plan', async () => {
    await a.put(
      at.store,
      a.syncActor,
      a.mirrored({ resourceType: 'Organization', id: 'lakeside', name: 'Lakeside' }),
      a.mirrored({ resourceType: 'Practitioner', id: 'dr-reed', name: [{ family: 'Reed' }] }),
      a.mirrored(a.condition('asthma', '195967001')),
      a.mirrored(a.condition('old', '1', { clinicalStatus: { coding: [{ code: 'resolved' }] } })),
      a.mirrored(a.goal('g-hospital', 'Fewer attacks')),
      a.mirrored(a.request('r-hospital', 'Allergy clinic')),
      a.mirrored(a.request('r-done', 'Done', { status: 'completed' })),
      a.mirrored(a.hospitalPlan('hp-1', { author: { reference: 'Practitioner/dr-reed' } })),
      a.mirrored(
        a.hospitalPlan('hp-2', { status: 'completed', contributor: [{ reference: 'Organization/lakeside' }] }),
      ),
      a.mirrored({
        resourceType: 'CareTeam',
        id: 'ht',
        status: 'active',
        subject: a.child,
        managingOrganization: [{ reference: 'Organization/lakeside' }],
        participant: [{ member: { reference: 'Practitioner/dr-reed' }, role: [{ text: 'Pulmonologist' }] }],
      }),
    );
    const mother = {
      resourceType: 'RelatedPerson',
      id: 'mother',
      patient: a.child,
      relationship: [{ text: 'Mother' }],
    };
    const family = a.goal('g-family', 'Sleep through the night', {
      expressedBy: { reference: 'RelatedPerson/mother' },
    });
    await a.put(at.store, a.coordinator, mother, family, a.task('t-here', 'Order spacer'));
    const { planId, outcome } = await compose();
    const made = await plan(planId);
    expect(outcome).toBe('created');
    expect(planCategory(made)).toBe('shared-plan-of-care');
    expect(made).toMatchObject({ status: 'active', intent: 'plan', subject: a.child, period: { start: '2026-11-15' } });
    expect(references(made.addresses)).toEqual(['Condition/asthma']);
    expect(references(made.goal)).toEqual(['Goal/g-family', 'Goal/g-hospital']);
    expect(references(made.activity?.map(({ reference }) => reference ?? {}))).toEqual([
      'ServiceRequest/r-hospital',
      'Task/t-here',
    ]);
    expect(references(made.supportingInfo)).toEqual(['CarePlan/hp-1', 'CarePlan/hp-2', 'CareTeam/ht']);
    expect(references(made.contributor)).toEqual([
      'Organization/lakeside',
      'Practitioner/dr-reed',
      'RelatedPerson/mother',
      undefined,
    ]);
    expect(made.contributor?.at(-1)?.identifier).toEqual({ system: 'urn:careweave:site', value: 'lakeside' });
    expect(made.careTeam).toHaveLength(1);
    const teamId = made.careTeam?.[0]?.reference?.split('/')[1] ?? '';
    const team = a.parsed<r4.CareTeam>(await at.store.read('CareTeam', teamId));
    expect(team.participant?.map(({ member, role }) => [member?.reference, role?.[0]?.text])).toEqual([
      ['RelatedPerson/mother', 'Mother'],
      ['Practitioner/dr-reed', 'Pulmonologist'],
    ]);
    const provenance = (await all<r4.Provenance>('Provenance')).find(
      ({ target }) => target[0]?.reference === `CarePlan/${planId}/_history/1`,
    );
    expect(provenance?.entity?.map(({ what }) => what.reference)).toEqual([
      'CarePlan/hp-1',
      'CarePlan/hp-2',
      'CareTeam/ht',
    ]);
  });

  test('is written once: composing again writes no version, no Provenance, and queues no job', async () => {
    await a.put(
      at.store,
      a.syncActor,
      a.mirrored(
        a.hospitalPlan('hp', { activity: [{ detail: { status: 'in-progress', code: { text: 'Daily walk' } } }] }),
      ),
    );
    const first = await compose();
    const before = await at.store.query('SELECT count(*)::int AS n FROM change_log');
    expect(await compose()).toEqual({ planId: first.planId, outcome: 'unchanged' });
    expect(await at.store.query('SELECT count(*)::int AS n FROM change_log')).toEqual(before);
    expect(await jobs()).toEqual([]);
  });

  test('keeps what people added by hand, and follows the record', async () => {
    const { planId } = await compose();
    const note = [{ text: 'Agreed at the visit' }];
    const byHand = {
      note,
      contributor: [{ display: 'Grandmother' }],
      activity: [{ reference: { reference: 'Task/t-hand' }, progress: note }],
      period: { start: '2026-01-01' },
    };
    await a.put(at.store, a.coordinator, a.task('t-hand', 'Call school', { status: 'completed' }), {
      ...(await plan(planId)),
      ...byHand,
    });
    await a.put(at.store, a.coordinator, a.goal('new', 'Ride a bicycle'));
    expect(await jobs()).toEqual([`care.compose ${a.childId}`]);
    expect((await compose()).outcome).toBe('updated');
    expect(await plan(planId)).toMatchObject({ ...byHand, goal: [{ reference: 'Goal/new' }] });
  });

  test('does not put back what people took out, until they put it back themselves', async () => {
    const known = [a.condition('c1', '195967001'), a.goal('g1', 'Run'), a.goal('g2', 'Swim'), a.task('t1', 'Call')];
    await a.put(at.store, a.coordinator, ...known);
    await a.put(at.store, a.syncActor, a.mirrored(a.hospitalPlan('m1')));
    const { planId } = await compose();
    const { addresses, goal, activity, supportingInfo, ...rest } = await plan(planId);
    expect([addresses?.length, goal?.length, activity?.length]).toEqual([1, 2, 1]);
    const kept = { reference: 'Goal/g2' };
    await a.put(at.store, a.coordinator, { ...rest, goal: [kept] } as Resource);
    await compose();
    const thinned = await plan(planId);
    expect(thinned.addresses).toBeUndefined();
    expect(thinned.activity).toBeUndefined();
    expect(references(thinned.goal)).toEqual(['Goal/g2']);
    // What an EHR sent is pointed to again, whoever takes it out.
    expect(thinned.supportingInfo).toEqual(supportingInfo);
    await a.put(at.store, a.coordinator, { ...thinned, goal: [kept, { reference: 'Goal/g1' }] } as Resource);
    await a.put(at.store, a.coordinator, { ...(await plan(planId)), title: 'Our plan' } as Resource);
    await compose();
    expect(references((await plan(planId)).goal).sort()).toEqual(['Goal/g1', 'Goal/g2']);
    expect((await compose()).outcome).toBe('unchanged');
  });

  test('lets go of what was deleted, and of nothing else', async () => {
    await a.put(at.store, a.coordinator, a.goal('gone', 'x'), a.goal('stays', 'y'));
    const { planId } = await compose();
    const foreign = { reference: 'https://elsewhere.example/fhir/Goal/1' };
    const given = await plan(planId);
    await a.put(at.store, a.coordinator, { ...given, goal: [...(given.goal ?? []), foreign] });
    await at.store.transact(a.correcting, (tx) => tx.delete('Goal', 'gone'));
    await compose();
    expect(references((await plan(planId)).goal)).toEqual(['Goal/stays', foreign.reference]);
  });

  test('is not made of another child’s record', async () => {
    const twin = { reference: 'Patient/twin' };
    const plans = a.mirrored(
      a.hospitalPlan('twin-plan', {
        subject: twin,
        activity: [{ detail: { status: 'scheduled', performer: [a.child] } }],
      }),
    );
    await a.put(
      at.store,
      a.syncActor,
      { ...a.patient, id: 'twin' },
      plans,
      a.mirrored(a.goal('twin-goal', 'x', { subject: twin })),
    );
    const made = await plan((await compose()).planId);
    expect(made.supportingInfo).toBeUndefined();
    expect(made.goal).toBeUndefined();
  });
});

describe('an activity written out in a hospital plan', () => {
  const detail = {
    status: 'not-started',
    code: { text: 'Chest physiotherapy' },
    quantity: { value: JSON.rawJSON('1.50') },
  };
  const withDetail = (...details: object[]) =>
    a.mirrored(a.hospitalPlan('hp', { activity: details.map((one) => ({ detail: one })) }));
  const tasks = async () =>
    (await all<r4.Task>('Task')).filter(({ identifier }) => identifier?.[0]?.system === activitySystem);

  test('becomes one Task, with its own words kept digit for digit', async () => {
    await a.put(at.store, a.syncActor, withDetail(detail));
    const { planId } = await compose();
    const [task, ...others] = await tasks();
    expect(others).toEqual([]);
    expect(task).toMatchObject({
      status: 'ready',
      description: 'Chest physiotherapy',
      for: a.child,
      basedOn: [{ reference: 'CarePlan/hp' }],
    });
    expect((await plan(planId)).activity).toEqual([{ reference: { reference: `Task/${task?.id}` } }]);
    const provenance = (await all<r4.Provenance>('Provenance')).find(({ target }) =>
      target[0]?.reference?.startsWith('Task/'),
    );
    const [binary] = provenance?.contained ?? [];
    const text = Buffer.from(binary && 'data' in binary ? String(binary.data) : '', 'base64').toString();
    expect(text).toBe('{"status":"not-started","code":{"text":"Chest physiotherapy"},"quantity":{"value":1.50}}');
  });

  test('that says not to do something never becomes a Task to do it', async () => {
    await a.put(at.store, a.syncActor, withDetail({ ...detail, doNotPerform: true }));
    await compose();
    const [task] = await tasks();
    expect(task?.description).toBe('Do not: Chest physiotherapy');
    expect(task?.code).toBeUndefined();
  });

  test('twice in a plan is two Tasks; in an ended plan, none', async () => {
    await a.put(
      at.store,
      a.syncActor,
      withDetail(detail, detail),
      a.mirrored(a.hospitalPlan('ended', { status: 'completed', activity: [{ detail }] })),
    );
    await compose();
    expect(await tasks()).toHaveLength(2);
  });

  test('moves its Task as the hospital moves it, until people here have moved the Task', async () => {
    await a.put(at.store, a.syncActor, withDetail(detail));
    await compose();
    await a.put(at.store, a.syncActor, withDetail({ ...detail, status: 'in-progress' }));
    await compose();
    expect(await tasks()).toMatchObject([{ status: 'in-progress' }]);
    await a.put(at.store, a.coordinator, { ...(await tasks())[0], status: 'on-hold' } as Resource);
    await a.put(at.store, a.syncActor, withDetail({ ...detail, status: 'completed' }));
    await compose();
    expect(await tasks()).toMatchObject([{ status: 'on-hold', businessStatus: { coding: [{ code: 'completed' }] } }]);
  });

  test('that is gone leaves its Task, marked for review once', async () => {
    await a.put(at.store, a.syncActor, withDetail(detail));
    const { planId } = await compose();
    await a.put(at.store, a.syncActor, withDetail());
    await compose();
    await compose();
    const [task] = await tasks();
    expect(task?.note?.map(({ text }) => text)).toEqual([reviewNote]);
    expect((await plan(planId)).activity).toHaveLength(1);
  });

  test('is not brought back after people deleted its Task', async () => {
    await a.put(at.store, a.syncActor, withDetail(detail));
    const { planId } = await compose();
    const [task] = await tasks();
    await at.store.transact(a.correcting, (tx) => tx.delete('Task', task?.id ?? ''));
    await compose();
    expect(await tasks()).toEqual([]);
    expect((await plan(planId)).activity ?? []).toEqual([]);
  });
});

describe('a change in the record', () => {
  test('of a child without a plan queues nothing', async () => {
    await a.put(at.store, a.coordinator, a.goal('g', 'x'));
    expect(await jobs()).toEqual([]);
  });

  test('of a child with a plan queues one composition, which the job does', async () => {
    const { planId } = await compose();
    await a.put(at.store, a.coordinator, a.goal('g1', 'x'), a.goal('g2', 'y'));
    await a.put(at.store, a.syncActor, a.mirrored(a.hospitalPlan('hp')));
    expect(await jobs()).toEqual([`care.compose ${a.childId}`]);
    const handler = care.module.jobs?.find(({ kind }) => kind === 'care.compose');
    const context = { store: at.store, log: at.log, clock };
    const done = await handler?.run({ kind: 'care.compose', key: a.childId, payload: {}, attempt: 1 }, context);
    expect(done).toMatchObject({ ok: true });
    expect((await plan(planId)).goal).toHaveLength(2);
    const gone = await handler?.run({ kind: 'care.compose', key: 'nobody', payload: {}, attempt: 1 }, context);
    expect(gone).toMatchObject({ ok: true });
  });
});
