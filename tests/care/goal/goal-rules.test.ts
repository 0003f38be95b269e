import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createCare } from '../../../src/care/care.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import * as a from '../support/child.ts';

const clock = { now: () => new Date('2026-11-23T12:00:00Z') };
const { checks } = createCare({ clock }).module;
let at: TestStore;
beforeAll(async () => {
  at = await createTestStore({ checks });
});
afterAll(() => at.drop());

const here = (...resources: Parameters<typeof a.put>[2][]) => a.tryPut(at.store, a.coordinator, ...resources);
const spoken = { expressedBy: { reference: 'RelatedPerson/mother' } };

describe('goal-own-words', () => {
  test.each([
    ['no words', { description: { coding: [{ code: '1' }] } }],
    ['blank words', { description: { text: '  ' } }],
  ])('refuses a goal with %s', async (_, more) => {
    expect(a.refusedBy(await here(a.goal('no-words', '', more)))).toBe('goal-own-words');
  });

  test('refuses to change what the family said, or who said it', async () => {
    await here(a.goal('said', 'Play outside', spoken));
    expect(a.refusedBy(await here(a.goal('said', 'Increase activity', spoken)))).toBe('goal-own-words');
    expect(a.refusedBy(await here(a.goal('said', 'Play outside')))).toBe('goal-own-words');
    const coded = a.goal('said', 'Play outside', {
      ...spoken,
      description: { text: 'Play outside', coding: [{ code: '1' }] },
    });
    expect((await here(coded)).ok).toBe(true);
  });

  test('lets clinicians reword their own goal, and a family’s voice be added to it', async () => {
    await here(a.goal('clinical', 'HbA1c'));
    expect((await here(a.goal('clinical', 'HbA1c below 7 %', spoken))).ok).toBe(true);
  });

  test('D7 the words of a goal that was deleted are not replaced under its name', async () => {
    await here(a.goal('gone', 'Play outside', spoken));
    const machine = { kind: 'client', id: 'loader', requestId: 'test' } as const;
    expect((await at.store.transact(machine, (tx) => tx.delete('Goal', 'gone'))).ok).toBe(true);
    const again = (words: string, more: object) => a.tryPut(at.store, machine, a.goal('gone', words, more));
    expect(a.refusedBy(await again('Increase activity', spoken))).toBe('goal-own-words');
    expect(a.refusedBy(await again('Play outside', {}))).toBe('goal-own-words');
    expect((await again('Play outside', spoken)).ok).toBe(true);
  });

  test('leaves mirrors as the hospital sent them', async () => {
    const mirror = a.mirrored(a.goal('mirror', '', { description: { coding: [{ code: '1' }] } }));
    expect((await a.tryPut(at.store, a.syncActor, mirror)).ok).toBe(true);
  });
});

describe('goal-status-date', () => {
  const achieved = (code: string, statusDate?: string) => ({
    achievementStatus: { coding: [{ code }] },
    ...(statusDate ? { statusDate } : {}),
  });

  test.each([
    ['without a date', undefined],
    ['with an earlier date', '2026-09-30'],
  ])('refuses a new achievement status %s', async (_, date) => {
    const id = `dated-${date}`;
    await here(a.goal(id, 'x', achieved('in-progress', '2026-10-01')));
    expect(a.refusedBy(await here(a.goal(id, 'x', achieved('achieved', date))))).toBe('goal-status-date');
  });

  test.each([
    ['with the date of the status before', '2026-10-01'],
    ['with a day to come', '2026-12-24'],
  ])('D7 refuses a new achievement status %s', async (_, date) => {
    const id = `stale-${date}`;
    await here(a.goal(id, 'x', achieved('in-progress', '2026-10-01')));
    expect(a.refusedBy(await here(a.goal(id, 'x', achieved('achieved', date))))).toBe('goal-status-date');
  });

  test('D7 takes two statuses of one day, on that day', async () => {
    await here(a.goal('twice', 'x', achieved('in-progress', '2026-11-23')));
    expect((await here(a.goal('twice', 'x', achieved('achieved', '2026-11-23')))).ok).toBe(true);
  });

  test('takes a new status with its date, and other changes without', async () => {
    await here(a.goal('dated', 'x', achieved('in-progress', '2026-10-01')));
    expect((await here(a.goal('dated', 'x', achieved('achieved', '2026-11-01')))).ok).toBe(true);
    expect((await here(a.goal('dated', 'y', achieved('achieved', '2026-11-01')))).ok).toBe(true);
  });
});

describe('goal-answers', () => {
  const acceptance = (...extension: object[]) => ({
    extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/goal-acceptance', extension }],
  });
  const who = { url: 'individual', valueReference: { reference: 'RelatedPerson/mother' } };

  test.each([
    ['an answer by nobody', acceptance({ url: 'status', valueCode: 'agree' })],
    ['an unknown answer', acceptance(who, { url: 'status', valueCode: 'maybe' })],
    ['a rejection without a reason', { lifecycleStatus: 'rejected' }],
  ])('refuses %s', async (_, more) => {
    expect(a.refusedBy(await here(a.goal('answers', 'x', more)))).toBe('goal-answers');
  });

  test('takes a disagreement and a reasoned rejection', async () => {
    const disagrees = acceptance(who, { url: 'status', valueCode: 'disagree' });
    expect((await here(a.goal('disagreed', 'x', disagrees))).ok).toBe(true);
    const reason = {
      url: 'http://hl7.org/fhir/StructureDefinition/goal-reasonRejected',
      valueCodeableConcept: { text: 'y' },
    };
    expect((await here(a.goal('rejected', 'x', { lifecycleStatus: 'rejected', extension: [reason] }))).ok).toBe(true);
  });
});
