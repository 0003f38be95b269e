import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/base/clock.ts';
import { ok, type Result } from '../../../src/base/errors.ts';
import { newId } from '../../../src/base/ids.ts';
import { createCare } from '../../../src/care/care.ts';
import { sharedPlanCategories } from '../../../src/care/plan/categories.ts';
import type { Written } from '../../../src/store/types.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import * as a from '../support/child.ts';

const { checks, effects, conclusions } = createCare({ clock: systemClock }).module;
let at: TestStore;
beforeAll(async () => {
  at = await createTestStore({ checks, effects, conclusions });
});
afterAll(() => at.drop());

const here = (resource: ReturnType<typeof a.hospitalPlan>) => a.tryPut(at.store, a.coordinator, resource);
const of = (id: string) => ({ subject: { reference: `Patient/${id}` } });
const shared = (id: string, more: object = {}) => a.hospitalPlan(id, { category: sharedPlanCategories(), ...more });
const rows = () => at.store.query('SELECT patient_id, plan_id FROM shared_plan ORDER BY patient_id');

describe('shared-plan-shape', () => {
  test.each([
    ['without a Patient as subject', { subject: { reference: 'Group/1' } }],
    ['with a subject that is not ours', { subject: { display: 'Robin' } }],
    ['with another intent than plan', { intent: 'order' }],
    ['with an activity written out in detail', { activity: [{ detail: { status: 'scheduled' } }] }],
  ])('refuses a shared plan %s', async (_, more) => {
    expect(a.refusedBy(await here(shared('refused', more)))).toBe('shared-plan-shape');
  });

  test('refuses to give a plan to another child, or to make it another kind of plan', async () => {
    await here(shared('stays', of('shape')));
    expect(a.refusedBy(await here(shared('stays', of('other'))))).toBe('shared-plan-shape');
    expect(a.refusedBy(await here(a.hospitalPlan('stays', of('shape'))))).toBe('shared-plan-shape');
  });

  test('says nothing about other plans', async () => {
    expect(
      (await here(a.hospitalPlan('other-kind', { intent: 'order', activity: [{ detail: { status: 'scheduled' } }] })))
        .ok,
    ).toBe(true);
  });
});

/** Resolves when a transaction of this database waits for another one. */
async function someoneWaits(): Promise<void> {
  const waiting = 'SELECT 1 FROM pg_locks WHERE NOT granted';
  for (let look = 0; look < 10_000; look += 1) {
    if ((await at.store.query(waiting)).length > 0) return;
  }
  throw new Error('nobody waits');
}

describe('one-active-shared-plan', () => {
  test('refuses a second active plan until the first is ended', async () => {
    await here(shared('first', of('one')));
    expect(a.refusedBy(await here(shared('second', of('one'))))).toBe('one-active-shared-plan');
    expect((await here(shared('second', { ...of('one'), status: 'draft' }))).ok).toBe(true);
    expect(a.refusedBy(await here(shared('second', of('one'))))).toBe('one-active-shared-plan');
    expect((await here(shared('first', { ...of('one'), status: 'completed' }))).ok).toBe(true);
    expect((await here(shared('second', of('one')))).ok).toBe(true);
    expect(await rows()).toContainEqual({ patient_id: 'one', plan_id: 'second' });
  });

  test('makes a plan that arrives meanwhile wait, and refuses it then', async () => {
    let second: Promise<Result<Written>> | undefined;
    const first = await at.store.transact(a.coordinator, async (tx) => {
      const written = await tx.update(shared('race-first', of('race')));
      second = here(shared('race-second', of('race')));
      await someoneWaits();
      return written;
    });
    expect(first.ok).toBe(true);
    expect(second && a.refusedBy(await second)).toBe('one-active-shared-plan');
  });

  test('holds for plans whose id the store gives', async () => {
    const { id: _, ...plan } = shared('', of('no-id'));
    const create = () => at.store.transact(a.coordinator, (tx) => tx.create(plan));
    expect((await create()).ok).toBe(true);
    expect(a.refusedBy(await create())).toBe('one-active-shared-plan');
  });

  test('lets a deleted plan be followed by another', async () => {
    await here(shared('deleted', of('again')));
    await at.store.transact(a.coordinator, (tx) => tx.delete('CarePlan', 'deleted'));
    expect((await here(shared('after', of('again')))).ok).toBe(true);
  });
});

describe('component-plan-same-child', () => {
  test('refuses a component of another child’s plan', async () => {
    await here(shared('whole', of('mine')));
    const partOf = [{ reference: 'CarePlan/whole' }];
    expect(a.refusedBy(await here(a.hospitalPlan('part', { ...of('yours'), partOf })))).toBe(
      'component-plan-same-child',
    );
    expect((await here(a.hospitalPlan('part', { ...of('mine'), partOf }))).ok).toBe(true);
  });

  test('PP-51 refuses a plan that is not here in the same words, so that nothing is learned of other children', async () => {
    const tryPart = (whole: string) =>
      here(a.hospitalPlan('probe', { ...of('yours'), partOf: [{ reference: `CarePlan/${whole}` }] }));
    const [foreign, absent] = [await tryPart('whole'), await tryPart('never-was')];
    expect(foreign.ok).toBe(false);
    expect(foreign).toEqual(absent);
  });

  test('does not let the whole go to another child while it has parts, nor a part leave it', async () => {
    expect(a.refusedBy(await here(a.hospitalPlan('whole', of('yours'))))).toBeDefined();
    const partOf = [{ reference: 'CarePlan/whole' }];
    expect(a.refusedBy(await here(a.hospitalPlan('part', { ...of('yours'), partOf })))).toBe(
      'component-plan-same-child',
    );
  });

  test('lets a part be changed when its whole is deleted', async () => {
    const partOf = [{ reference: 'CarePlan/gone' }];
    await here(a.hospitalPlan('gone', of('mine')));
    await here(a.hospitalPlan('left', { ...of('mine'), partOf }));
    await at.store.transact(a.coordinator, (tx) => tx.delete('CarePlan', 'gone'));
    expect((await here(a.hospitalPlan('left', { ...of('mine'), partOf, title: 'Still here' }))).ok).toBe(true);
  });

  test('refuses both orders within one transaction whose ids nobody knew before', async () => {
    const both = (children: [whole: string, part: string], order: 'whole first' | 'part first') =>
      at.store.transact(a.coordinator, async (tx) => {
        const [whole, part] = [newId(), newId()];
        const partOf = [{ reference: `CarePlan/${whole}` }];
        const plans = [a.hospitalPlan(whole, of(children[0])), a.hospitalPlan(part, { ...of(children[1]), partOf })];
        for (const plan of order === 'whole first' ? plans : plans.reverse()) {
          const written = await tx.create(plan, { id: plan.id ?? '', isNew: true });
          if (!written.ok) return written;
        }
        return ok(undefined);
      });
    for (const order of ['whole first', 'part first'] as const) {
      expect(a.refusedBy(await both(['mine', 'yours'], order))).toBe('component-plan-same-child');
      expect((await both(['mine', 'mine'], order)).ok).toBe(true);
    }
  });
});
