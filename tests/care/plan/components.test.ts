import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/base/clock.ts';
import { createCare } from '../../../src/care/care.ts';
import type { Resource, r4 } from '../../../src/fhir/types.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import * as a from '../support/child.ts';

const system = 'http://careweave.org/fhir/CodeSystem/careplan-category';
const care = createCare({ clock: systemClock });
let at: TestStore;
let made = 0;
let child = { reference: '' };
let whole = '';
beforeAll(async () => {
  at = await createTestStore({ ...care.module });
});
afterAll(() => at.drop());
beforeEach(async () => {
  made += 1;
  child = { reference: `Patient/child-${made}` };
  await a.put(at.store, a.coordinator, { ...a.patient, id: `child-${made}` });
  const composed = await at.store.transact({ kind: 'system', id: 'care', requestId: 'test' }, (tx) =>
    care.composePlan(tx, `child-${made}`),
  );
  whole = composed.ok ? composed.value.planId : '';
});

const component = (id: string, kind: string, more: object = {}): Resource => ({
  resourceType: 'CarePlan',
  id: `${id}-${made}`,
  status: 'active',
  intent: 'plan',
  category: [{ coding: [{ system, code: kind }] }],
  subject: child,
  partOf: [{ reference: `CarePlan/${whole}` }],
  ...more,
});
const write = async (...resources: Resource[]) => a.refusedBy(await a.tryPut(at.store, a.coordinator, ...resources));
const plan = async (id: string) => a.parsed<r4.CarePlan & Resource>(await at.store.read('CarePlan', id));
const restricted = { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] };

describe('a component plan', () => {
  test.each<[string, () => Resource]>([
    ['without the shared plan it is part of', () => component('s', 'school', { partOf: [] })],
    ['of a kind that there is not', () => component('s', 'holiday')],
    [
      'of two kinds',
      () =>
        component('s', 'school', { category: ['school', 'social'].map((code) => ({ coding: [{ system, code }] })) }),
    ],
    [
      'that is a shared plan too',
      () =>
        component('s', 'school', {
          status: 'draft',
          category: ['shared-plan-of-care', 'school'].map((code) => ({ coding: [{ system, code }] })),
        }),
    ],
  ])('%s is refused', async (_, made) => {
    expect(await write(made())).toBe('component-plan-kind');
  });

  test('is refused as part of a shared plan that has ended', async () => {
    await write({ ...(await plan(whole)), status: 'completed' });
    expect(await write(component('s', 'school'))).toBe('component-plan-kind');
  });

  test('stays of its kind', async () => {
    expect(await write(component('s', 'social'))).toBeUndefined();
    expect(await write(component('s', 'home-care'))).toBe('component-plan-kind');
  });

  test('of the single kinds is one in force; a second takes its place by replaces, in one transaction', async () => {
    expect(await write(component('first', 'school'))).toBeUndefined();
    expect(await write(component('second', 'school'))).toBe('one-active-component');
    expect(await write(component('second', 'crisis'))).toBeUndefined();
    expect(await write(component('draft', 'school', { status: 'draft' }))).toBeUndefined();
    const replaces = [{ reference: `CarePlan/first-${made}` }];
    expect(await write(component('third', 'school', { replaces }))).toBeUndefined();
    expect((await plan(`first-${made}`)).status).toBe('completed');
    expect(
      await write(component('module-1', 'condition-module'), component('module-2', 'condition-module')),
    ).toBeUndefined();
  });

  test('asked for twice at once is made once', async () => {
    const answers = await Promise.all(['one', 'two'].map((id) => write(component(id, 'transition'))));
    expect(answers.sort()).toEqual(['one-active-component', undefined]);
  });

  test('that is restricted is not told of by a refusal', async () => {
    expect(await write(component('hidden', 'crisis', { meta: restricted }))).toBeUndefined();
    expect(await write(component('open', 'crisis'))).toBeUndefined();
  });

  test('of a hospital is as the hospital has it', async () => {
    const mirror = a.mirrored(component('theirs', 'holiday', { partOf: [] }));
    expect(a.refusedBy(await a.tryPut(at.store, a.syncActor, mirror))).toBeUndefined();
  });
});

describe('the shared plan with parts in force', () => {
  test('is neither ended nor deleted over them, and says what to do', async () => {
    await write(component('s', 'school'), component('h', 'home-care'));
    const end = { ...(await plan(whole)), status: 'completed' };
    const refused = await a.tryPut(at.store, a.coordinator, end);
    expect(refused.ok ? '' : refused.error.issues[0]?.text).toBe(
      'parts-before-whole: Parts of this plan are in force (home-care, school). End them, or make them parts of the plan that follows, in the same transaction.',
    );
    const system = { kind: 'system', id: 'tool', requestId: 'test' } as const;
    expect(a.refusedBy(await at.store.transact(system, (tx) => tx.delete('CarePlan', whole)))).toBe(
      'parts-before-whole',
    );
    expect(await write({ ...(await plan(whole)), title: 'Robin’s plan' })).toBeUndefined();
    const stop = (id: string, kind: string) => component(id, kind, { status: 'completed' });
    expect(
      await write({ ...(await plan(whole)), status: 'completed' }, stop('s', 'school'), stop('h', 'home-care')),
    ).toBeUndefined();
  });

  test('does not tell of a restricted part', async () => {
    await write(component('hidden', 'crisis', { meta: restricted }));
    expect(await write({ ...(await plan(whole)), status: 'revoked' })).toBeUndefined();
  });
});
