import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/base/clock.ts';
import { createCare } from '../../../src/care/care.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { startHttp, type TestHttp } from '../../support/http.ts';
import * as a from '../support/child.ts';

let http: TestHttp;
beforeAll(async () => {
  const { checks, effects, conclusions, operations } = createCare({ clock: systemClock }).module;
  http = await startHttp({ operations }, { checks, effects, conclusions });
  const other = { subject: { reference: 'Patient/other-child' } };
  await a.put(
    http.store,
    a.coordinator,
    a.patient,
    { ...a.patient, id: 'other-child' },
    a.goal('ride', 'Ride the bus'),
    a.goal('others', 'Swim', other),
    visit('session', 'in-progress'),
    visit('other-session', 'in-progress', other),
    visit('check-up', 'in-progress', { type: [{ text: 'Check-up' }] }),
  );
});
afterAll(() => http.close());

const canonical = 'http://careweave.org/fhir';
const careTask = (code: string) => ({ coding: [{ system: `${canonical}/CodeSystem/care-task`, code }] });

function visit(id: string, status: string, more: object = {}): Resource {
  return {
    resourceType: 'Encounter',
    id,
    status,
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HH' },
    type: [careTask('coaching')],
    subject: a.child,
    ...more,
  };
}
function rating(id: string, scale: string, value: number, more: object = {}): Resource {
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { coding: [{ system: `${canonical}/CodeSystem/coaching-scale`, code: scale }] },
    subject: a.child,
    focus: [{ reference: 'Goal/ride' }],
    encounter: { reference: 'Encounter/session' },
    effectiveDateTime: '2026-11-01',
    performer: [{ reference: 'RelatedPerson/mother' }],
    valueInteger: value,
    ...more,
  };
}
function step(id: string, more: object = {}): Resource {
  return a.task(id, 'Walk to the bus stop together', {
    code: careTask('action-step'),
    focus: { reference: 'Goal/ride' },
    owner: { reference: 'RelatedPerson/mother' },
    restriction: { period: { end: '2026-11-20' } },
    encounter: { reference: 'Encounter/session' },
    ...more,
  });
}
const here = (...resources: Resource[]) => a.tryPut(http.store, a.coordinator, ...resources);

describe('S4.2 readiness and confidence', () => {
  test.each([
    ['above ten', { valueInteger: 11 }],
    ['below nothing', { valueInteger: -1 }],
    ['in words', { valueInteger: undefined, valueString: 'very' }],
    ['without a day', { effectiveDateTime: undefined }],
    ['by nobody', { performer: undefined }],
    ['by the coach', { performer: [{ reference: 'Practitioner/coordinator' }] }],
    ['by another child', { performer: [{ reference: 'Patient/other-child' }] }],
    ['about no goal', { focus: undefined }],
    ['about two goals', { focus: [{ reference: 'Goal/ride' }, { reference: 'Goal/others' }] }],
    ['about another child’s goal', { focus: [{ reference: 'Goal/others' }] }],
    ['in no session', { encounter: undefined }],
    ['in another child’s session', { encounter: { reference: 'Encounter/other-session' } }],
    ['in a visit that is no coaching', { encounter: { reference: 'Encounter/check-up' } }],
  ])('S4.2 a rating %s is refused', async (_, more) => {
    expect(a.refusedBy(await here(rating('bad', 'readiness', 5, more)))).toBe('coaching-rating');
  });

  test('S4.2 each goal and session has its ratings, at a visit or by a message that names them', async () => {
    expect((await here(rating('r0', 'readiness', 0), rating('c10', 'confidence', 10))).ok).toBe(true);
    const later = { encounter: undefined, effectiveDateTime: '2026-11-15', performer: [a.child] };
    const call: Resource = {
      resourceType: 'Communication',
      id: 'call',
      status: 'completed',
      category: [careTask('coaching')],
      subject: a.child,
      about: [{ reference: 'Observation/r7' }],
      extension: [
        { url: `${canonical}/StructureDefinition/no-goal-progress-reason`, valueString: 'Only asked how it goes' },
      ],
    };
    expect(a.refusedBy(await here(rating('r7', 'readiness', 7, later)))).toBe('coaching-rating');
    expect((await here(rating('r7', 'readiness', 7, later), call)).ok).toBe(true);
    expect((await here(rating('r7', 'readiness', 8, later))).ok).toBe(true);
  });

  test('S4.2 a rating alone is no progress: the session still moves a goal or says why not', async () => {
    const refused = await here(rating('r1', 'readiness', 6), visit('session', 'finished'));
    expect(a.refusedBy(refused)).toBe('coaching-progress');
  });
});

describe('S4.2 action steps', () => {
  test.each([
    ['nothing to do', { description: ' ' }],
    ['nobody who does it', { owner: undefined }],
    ['no day', { restriction: undefined }],
    ['no goal', { focus: undefined }],
    ['another child’s goal', { focus: { reference: 'Goal/others' } }],
  ])('S4.2 a step with %s is refused', async (_, more) => {
    expect(a.refusedBy(await here(step('bad-step', more)))).toBe('action-step');
  });

  test('S4.2 steps and ratings are told with the goal', async () => {
    await a.put(http.store, a.coordinator, step('s2', { restriction: { period: { end: '2026-11-30' } } }), step('s1'));
    await a.put(http.store, a.coordinator, step('s1', { status: 'completed' }));
    expect(a.refusedBy(await here(step('s1', { code: { text: 'Something else' } })))).toBe('action-step');
    const { json } = await http.send('GET', '/fhir/Goal/ride/$attainment');
    const told = (name: string) =>
      json.parameter
        .filter((one: any) => one.name === name)
        .map(({ part }: any) => part.map(({ name: _, ...value }: any) => Object.values(value)[0]));
    expect(told('rating')).toEqual([
      ['readiness', 0, '2026-11-01', { reference: 'RelatedPerson/mother' }],
      ['confidence', 10, '2026-11-01', { reference: 'RelatedPerson/mother' }],
      ['readiness', 8, '2026-11-15', { reference: 'Patient/child-1' }],
    ]);
    expect(told('step').map(([task, status]: any) => [task.reference, status])).toEqual([
      ['Task/s1', 'completed'],
      ['Task/s2', 'requested'],
    ]);
    const goalsOnly = await http.send('GET', '/fhir/Goal/ride/$attainment', { as: 'goals' });
    expect(goalsOnly.status).toBe(403);
  });
});
