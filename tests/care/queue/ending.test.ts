import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/base/clock.ts';
import { createCare } from '../../../src/care/care.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import * as a from '../support/child.ts';

let at: TestStore;
beforeAll(async () => {
  at = await createTestStore({ ...createCare({ clock: systemClock }).module });
  await a.put(at.store, a.coordinator, a.patient);
});
afterAll(() => at.drop());

const reason = { coding: [{ system: 'http://careweave.org/fhir/CodeSystem/ending-reason', code: 'family-declined' }] };
const extension = (url: string) => ({ extension: [{ url, valueCodeableConcept: reason }] });
const ours = 'http://careweave.org/fhir/StructureDefinition/ending-reason';
const inError = {
  verificationStatus: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'entered-in-error' }],
  },
  clinicalStatus: undefined,
};

const cases: [string, (id: string) => Resource, object, object][] = [
  ['a Task cancelled', (id) => a.task(id, 'Call'), { status: 'cancelled' }, { statusReason: reason }],
  ['a Task failed', (id) => a.task(id, 'Call'), { status: 'failed' }, { statusReason: reason }],
  ['a Task rejected', (id) => a.task(id, 'Call'), { status: 'rejected' }, { statusReason: reason }],
  [
    'a request revoked',
    (id) => a.request(id, 'Swimming'),
    { status: 'revoked' },
    extension('http://hl7.org/fhir/StructureDefinition/request-statusReason'),
  ],
  ['a goal cancelled', (id) => a.goal(id, 'Swim'), { lifecycleStatus: 'cancelled' }, extension(ours)],
  ['a condition in error', (id) => a.condition(id, '195967001'), inError, extension(ours)],
];

describe('nothing disappears without a reason code', () => {
  test.each(cases)(
    '%s is refused without one, by words alone too, and names where it goes',
    async (name, make, end, why) => {
      const resource = make(name.replaceAll(' ', '-'));
      await a.put(at.store, a.coordinator, resource);
      const without = await a.tryPut(at.store, a.coordinator, { ...resource, ...end });
      expect(a.refusedBy(without)).toBe('ending-has-reason');
      if (!without.ok) expect(without.error.issues[0]?.text).toMatch(/statusReason|StructureDefinition/);
      const words = JSON.parse(JSON.stringify(why).replace(/"coding":\[[^\]]*\]/, '"text":"They said no"'));
      expect(a.refusedBy(await a.tryPut(at.store, a.coordinator, { ...resource, ...end, ...words }))).toBe(
        'ending-has-reason',
      );
      expect((await a.tryPut(at.store, a.coordinator, { ...resource, ...end, ...why })).ok).toBe(true);
      // What has ended may be corrected without being given a reason anew.
      expect(
        (await a.tryPut(at.store, a.coordinator, { ...resource, ...end, ...why, note: [{ text: 'Seen' }] })).ok,
      ).toBe(true);
    },
  );

  test('a hospital ends its own as it likes, and what comes as ended tells history', async () => {
    await a.put(at.store, a.syncActor, a.mirrored(a.task('theirs', 'Call')));
    expect(
      (await a.tryPut(at.store, a.syncActor, a.mirrored(a.task('theirs', 'Call', { status: 'cancelled' })))).ok,
    ).toBe(true);
    expect((await a.tryPut(at.store, a.coordinator, a.task('history', 'Call', { status: 'cancelled' }))).ok).toBe(true);
  });

  test('a request follows its cancelled Task, which says why', async () => {
    const requester = { reference: a.coordinator.id };
    const sent = a.task('sent', 'Pantry', { intent: 'order', requester, focus: { reference: 'ServiceRequest/food' } });
    await a.put(at.store, a.coordinator, a.request('food', 'Food pantry'), sent);
    const cancelled = { ...sent, status: 'cancelled', statusReason: { text: 'The family has moved' } };
    expect(await a.tryPut(at.store, a.coordinator, cancelled)).toMatchObject({ ok: true });
    expect(a.parsed<Resource>(await at.store.read('ServiceRequest', 'food')).status).toBe('revoked');
  });
});

describe('a person does not delete', () => {
  test.each([
    ['Task', a.task('kept', 'Call')],
    ['ServiceRequest', a.request('kept', 'Swimming')],
    ['Goal', a.goal('kept', 'Swim')],
    ['Condition', a.condition('kept', '195967001')],
  ] as const)(
    'a %s of a child, and is told what to set instead; with a coded reason it goes',
    async (type, resource) => {
      await a.put(at.store, a.coordinator, resource);
      const refused = await at.store.transact(a.coordinator, (tx) => tx.delete(type, 'kept'));
      expect(a.refusedBy(refused)).toBe('deletion-has-reason');
      if (!refused.ok) expect(refused.error.issues[0]?.text).toMatch(/entered-in-error/);
      expect((await at.store.read(type, 'kept'))?.deleted).toBe(false);
      const worded = {
        ...a.correcting,
        provenance: { ...a.correcting.provenance, resourceType: 'Provenance', reason: [{ text: 'x' }] },
      };
      expect(a.refusedBy(await at.store.transact(worded, (tx) => tx.delete(type, 'kept')))).toBe('deletion-has-reason');
      expect((await at.store.transact(a.correcting, (tx) => tx.delete(type, 'kept'))).ok).toBe(true);
    },
  );

  test('a system does, and anybody deletes what is no child’s', async () => {
    await a.put(at.store, a.coordinator, a.task('by-system', 'Call'), { ...a.task('nobodys', 'x'), for: undefined });
    const client = { kind: 'client', id: 'loader', requestId: 'test' } as const;
    expect((await at.store.transact(client, (tx) => tx.delete('Task', 'by-system'))).ok).toBe(true);
    expect((await at.store.transact(a.coordinator, (tx) => tx.delete('Task', 'nobodys'))).ok).toBe(true);
  });
});
