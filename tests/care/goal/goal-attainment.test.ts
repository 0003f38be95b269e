import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/base/clock.ts';
import { createCare } from '../../../src/care/care.ts';
import { agreementOf } from '../../../src/fhir/goal-agreement.ts';
import { attainmentOf, type Level, type Score } from '../../../src/fhir/goal-scale.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import type { Actor } from '../../../src/store/types.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import * as a from '../support/child.ts';

const { checks, conclusions } = createCare({ clock: systemClock }).module;
let at: TestStore;
beforeAll(async () => {
  at = await createTestStore({ checks, conclusions });
  const her: Resource = { resourceType: 'RelatedPerson', id: 'mother', patient: a.child };
  await a.put(at.store, a.coordinator, a.patient, her);
});
afterAll(() => at.drop());

type Written = Parameters<typeof a.put>[2][];
const here = (...resources: Written) => a.tryPut(at.store, a.coordinator, ...resources);
const machine: Actor = { kind: 'client', id: 'ehr-app', requestId: 'test' };
const mother: Actor = { kind: 'user', id: 'RelatedPerson/mother', requestId: 'test' };

const codes: Record<Level, string> = {
  2: 'LA34479-8',
  1: 'LA34480-6',
  0: 'LA34481-4',
  [-1]: 'LA34483-0',
  [-2]: 'LA34484-8',
};
const coding = (level: Level) => ({ system: 'http://loinc.org', code: codes[level] });
const level = (which: Level, progressText = `level ${which}`) => ({
  url: 'http://hl7.org/fhir/us/pco/StructureDefinition/pco-goal-attainment-scaling',
  extension: [
    { url: 'level', valueCoding: coding(which) },
    { url: 'progressText', valueString: progressText },
  ],
});
const scaled = (id: string, ...levels: Level[]) =>
  a.goal(id, 'x', { extension: levels.map((one) => level(one)), meta: { tag: [{ code: 'test' }] } });

function score(id: string, goal: string, which: Level, more: object = {}): Resource {
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '107331-1' }] },
    subject: a.child,
    focus: [{ reference: `Goal/${goal}` }],
    effectiveDateTime: '2026-11-01',
    performer: [{ reference: 'RelatedPerson/mother' }],
    valueCodeableConcept: { coding: [coding(which)] },
    ...more,
  };
}

const acceptance = (who: string, status: string) => ({
  url: 'http://hl7.org/fhir/StructureDefinition/goal-acceptance',
  extension: [
    { url: 'individual', valueReference: { reference: who } },
    { url: 'status', valueCode: status },
  ],
});

describe('goal-lifecycle', () => {
  test.each([
    ['completed', 'proposed'],
    ['active', 'proposed'],
    ['rejected', 'active'],
    ['entered-in-error', 'active'],
  ])('refuses %s to %s', async (from, to) => {
    const id = `life-${from}-${to}`;
    const why = {
      url: 'http://hl7.org/fhir/StructureDefinition/goal-reasonRejected',
      valueCodeableConcept: { text: 'y' },
    };
    await a.put(at.store, a.coordinator, a.goal(id, 'x', { lifecycleStatus: from, extension: [why] }));
    const refused = await here(a.goal(id, 'x', { lifecycleStatus: to, extension: [why] }));
    expect(a.refusedBy(refused)).toBe('goal-lifecycle');
    expect(refused.ok ? '' : refused.error.issues[0]?.text).toContain(`${from} does not become ${to}`);
  });

  test('lets a goal go its way, and be taken up again', async () => {
    for (const lifecycleStatus of ['proposed', 'accepted', 'active', 'on-hold', 'active', 'completed', 'active'])
      expect((await here(a.goal('life', 'x', { lifecycleStatus }))).ok).toBe(true);
  });
});

describe('goal-own-words: translations', () => {
  const translation = (lang: string | undefined, content: string) => ({
    url: 'http://hl7.org/fhir/StructureDefinition/translation',
    extension: [...(lang ? [{ url: 'lang', valueCode: lang }] : []), { url: 'content', valueString: content }],
  });
  const said = (text: string, language: string, ...extension: object[]) =>
    a.goal('spanish', text, {
      language,
      expressedBy: { reference: 'RelatedPerson/mother' },
      description: { text, ...(extension.length > 0 && { _text: { extension } }) },
    });

  test('never take the place of the words, nor of the language they were said in', async () => {
    await a.put(at.store, a.coordinator, said('Ir al parque', 'es'));
    expect(a.refusedBy(await here(said('Go to the park', 'en')))).toBe('goal-own-words');
    expect(a.refusedBy(await here(said('Ir al parque', 'en')))).toBe('goal-own-words');
    expect(a.refusedBy(await here(said('Ir al parque', 'es', translation(undefined, 'Go'))))).toBe('goal-own-words');
    expect(a.refusedBy(await here(said('Ir al parque', 'es', translation('es', 'Vamos'))))).toBe('goal-own-words');
    expect((await here(said('Ir al parque', 'es', translation('en', 'Go to the park')))).ok).toBe(true);
  });
});

describe('goal-of-caregiver', () => {
  const domain = {
    system: 'http://hl7.org/fhir/us/pco/CodeSystem/pco-goal-domains-temporary',
    code: 'caregiver-needs',
  };
  const own = (more: object) => a.goal('rest', 'Sleep one night', { category: [{ coding: [domain] }], ...more });

  test('is said by the caregiver', async () => {
    expect(a.refusedBy(await here(own({})))).toBe('goal-of-caregiver');
    expect(a.refusedBy(await here(own({ expressedBy: { reference: 'Practitioner/x' } })))).toBe('goal-of-caregiver');
    expect((await here(own({ expressedBy: { reference: 'RelatedPerson/mother' } }))).ok).toBe(true);
  });
});

describe('goal-scale', () => {
  test.each([
    ['a level twice', [level(0), level(0)]],
    ['a level without words', [level(0, '  ')]],
    ['a level of another list', [{ ...level(0), extension: [{ url: 'level', valueCoding: { code: 'x' } }] }]],
    ['six levels', [level(0), level(1), level(2), level(-1), level(-2), level(0)]],
  ])('refuses %s', async (_, extension) => {
    expect(a.refusedBy(await here(a.goal('scale', 'x', { extension })))).toBe('goal-scale');
  });

  test('keeps the levels that somebody has scored by', async () => {
    await a.put(at.store, a.coordinator, scaled('kept', 0, 1));
    expect((await here(scaled('kept', 0, 1, 2))).ok).toBe(true);
    await a.put(at.store, mother, score('kept-score', 'kept', 1));
    expect(a.refusedBy(await here(scaled('kept', 0, 1)))).toBe('goal-scale');
    expect((await here({ ...scaled('kept', 0, 1, 2), lifecycleStatus: 'completed' })).ok).toBe(true);
  });
});

describe('goal-score', () => {
  beforeAll(() => a.put(at.store, a.coordinator, a.patient, scaled('goal', -2, -1, 0, 1, 2), scaled('few', 0)));

  test.each([
    ['without a goal', { focus: undefined }],
    ['of a goal that is not there', { focus: [{ reference: 'Goal/none' }] }],
    ['of another child', { subject: { reference: 'Patient/other' } }],
    ['without its day', { effectiveDateTime: undefined }],
    ['without a level', { valueCodeableConcept: { text: 'good' } }],
    ['at a level that the goal does not have', { focus: [{ reference: 'Goal/few' }] }],
    ['by nobody', { performer: undefined }],
    ['by a practitioner with the code of a caregiver', { performer: [{ reference: 'Practitioner/x' }] }],
  ])('refuses a score %s', async (_, more) => {
    const bad = JSON.parse(JSON.stringify(score('bad', 'goal', 1, more)));
    expect(a.refusedBy(await here(bad))).toBe('goal-score');
  });

  test('takes a score that comes with its goal, and a barrier', async () => {
    const barrier = {
      resourceType: 'Observation',
      id: 'barrier',
      status: 'final',
      code: { coding: [{ system: 'http://snomed.info/sct', code: '811791000000103' }] },
      subject: a.child,
      focus: [{ reference: 'Goal/together' }],
    };
    expect(a.refusedBy(await here(scaled('together', 0), score('with', 'together', 0), barrier))).toBe('goal-barrier');
    const said = { ...barrier, valueString: 'No bus on Sundays' };
    expect((await here(said, score('with', 'together', 0), scaled('together', 0))).ok).toBe(true);
  });
});

describe('goal-acceptance-voice', () => {
  const [theirs, hers] = ['Practitioner/coordinator', 'RelatedPerson/mother'];
  const goal = (id: string, ...extension: object[]) => a.goal(id, 'x', { extension });
  const onBehalf = (id: string): Resource => ({
    resourceType: 'Provenance',
    id: `behalf-${id}`,
    target: [{ reference: `Goal/${id}` }],
    recorded: '2026-11-23T12:00:00Z',
    agent: [{ who: { reference: theirs }, onBehalfOf: { reference: hers } }],
  });

  test('refuses an answer for somebody else, and to take one away', async () => {
    expect(a.refusedBy(await here(goal('voice', acceptance(hers, 'agree'))))).toBe('goal-acceptance-voice');
    await a.put(at.store, mother, goal('voice', acceptance(hers, 'disagree')));
    const agreed = goal('voice', acceptance(hers, 'agree'), acceptance(theirs, 'agree'));
    expect(a.refusedBy(await here(agreed))).toBe('goal-acceptance-voice');
    expect(a.refusedBy(await here(goal('voice', acceptance(hers, 'pending'))))).toBe('goal-acceptance-voice');
    expect(a.refusedBy(await here(goal('voice', acceptance(theirs, 'agree'))))).toBe('goal-acceptance-voice');
    expect(a.refusedBy(await a.tryPut(at.store, machine, agreed))).toBe('goal-acceptance-voice');
    const both = goal('voice', acceptance(hers, 'disagree'), acceptance(theirs, 'agree'));
    expect((await here(both)).ok).toBe(true);
  });

  test('D7 an answer is not taken away, or turned, by deleting the goal and putting another under its name', async () => {
    await a.put(at.store, mother, goal('deleted', acceptance(hers, 'disagree')));
    expect((await at.store.transact(machine, (tx) => tx.delete('Goal', 'deleted'))).ok).toBe(true);
    const again = (...answers: object[]) => a.tryPut(at.store, machine, goal('deleted', ...answers));
    expect(a.refusedBy(await again())).toBe('goal-acceptance-voice');
    expect(a.refusedBy(await again(acceptance(hers, 'agree')))).toBe('goal-acceptance-voice');
    expect((await again(acceptance(hers, 'disagree'))).ok).toBe(true);
  });

  test('takes one’s own, one that is still to come, one on behalf with a Provenance, and what a machine tells', async () => {
    expect((await here(goal('own', acceptance(theirs, 'agree'), acceptance(hers, 'pending')))).ok).toBe(true);
    expect((await here(goal('own', acceptance(theirs, 'agree'), acceptance(hers, 'agree')), onBehalf('own'))).ok).toBe(
      true,
    );
    expect((await a.tryPut(at.store, machine, goal('told', acceptance(hers, 'agree')))).ok).toBe(true);
  });

  test('a role of the practitioner is the practitioner', async () => {
    const role = { resourceType: 'PractitionerRole', id: 'role', practitioner: { reference: theirs } };
    expect((await here(role, goal('role', acceptance('PractitionerRole/role', 'agree')))).ok).toBe(true);
  });
});

describe('negotiated', () => {
  test.each<[string, [string, string][], object]>([
    ['nobody was asked', [], { family: 'not-asked', clinicians: 'not-asked', isNegotiated: false }],
    ['only a clinician agrees', [['Practitioner/1', 'agree']], { clinicians: 'agree', isNegotiated: false }],
    [
      'the father does not agree',
      [
        ['RelatedPerson/1', 'agree'],
        ['RelatedPerson/2', 'disagree'],
        ['Practitioner/1', 'agree'],
      ],
      { family: 'disagree', isNegotiated: false },
    ],
    [
      'both agree',
      [
        ['Patient/1', 'agree'],
        ['PractitionerRole/1', 'agree'],
      ],
      { family: 'agree', clinicians: 'agree', isNegotiated: true },
    ],
  ])('when %s', (_, answers, expected) => {
    const extension = answers.map(([who, answer]) => acceptance(who, answer));
    expect(agreementOf({ extension })).toMatchObject(expected);
  });
});

describe('what scores suggest', () => {
  const said = (voice: Score['voice'], value: Level, at: string): Score => ({
    voice,
    level: value,
    at,
    goal: 'Goal/1',
  });

  test.each<[string, Score[], string | undefined]>([
    ['only a baseline', [said('baseline', 2, '2026-01-01')], undefined],
    ['the newest counts', [said('caregiver', 0, '2026-03-01'), said('caregiver', -1, '2026-04-01')], 'not-achieved'],
    ['the goal itself is enough', [said('caregiver', 0, '2026-03-01')], 'achieved'],
    ['voices differ', [said('caregiver', -1, '2026-03-01'), said('practitioner', 1, '2026-03-01')], 'differing'],
  ])('%s', (_, scores, suggests) => {
    expect(attainmentOf(scores).suggests).toBe(suggests);
  });
});

describe('a rejected goal', () => {
  test('S2.26 stays in the shared plan', async () => {
    const category = [
      { coding: [{ system: 'http://careweave.org/fhir/CodeSystem/careplan-category', code: 'shared-plan-of-care' }] },
    ];
    const plan = (...goals: string[]) => ({
      ...a.hospitalPlan('spoc', { category, subject: { reference: 'Patient/child-2' } }),
      goal: goals.map((id) => ({ reference: `Goal/${id}` })),
    });
    const why = {
      url: 'http://hl7.org/fhir/StructureDefinition/goal-reasonRejected',
      valueCodeableConcept: { text: 'y' },
    };
    const subject = { reference: 'Patient/child-2' };
    await a.put(
      at.store,
      a.coordinator,
      { ...a.patient, id: 'child-2', generalPractitioner: [{ reference: 'Practitioner/pcp' }] },
      a.goal('refused', 'x', { subject, lifecycleStatus: 'rejected', extension: [why] }),
      a.goal('other', 'x', { subject }),
      plan('refused', 'other'),
    );
    expect(a.refusedBy(await here(plan('other')))).toBe('rejected-goal-stays');
    expect((await here(plan('refused'))).ok).toBe(true);
  });
});

describe('coaching-progress', () => {
  const coaching = [{ coding: [{ system: 'http://careweave.org/fhir/CodeSystem/care-task', code: 'coaching' }] }];
  const visit = (id: string, status: string, more: object = {}): Resource => ({
    resourceType: 'Encounter',
    id,
    status,
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HH' },
    type: coaching,
    subject: a.child,
    ...more,
  });
  const call = (id: string, more: object = {}): Resource => ({
    resourceType: 'Communication',
    id,
    status: 'completed',
    category: coaching,
    subject: a.child,
    ...more,
  });
  const reason = {
    extension: [
      {
        url: 'http://careweave.org/fhir/StructureDefinition/no-goal-progress-reason',
        valueString: 'The child was ill',
      },
    ],
  };
  beforeAll(() => a.put(at.store, a.coordinator, scaled('coached', -1, 0, 1)));

  test('S4.2 a session that moves no goal and does not say why is refused', async () => {
    expect(a.refusedBy(await here(visit('bare', 'finished')))).toBe('coaching-progress');
    expect(a.refusedBy(await here(call('bare')))).toBe('coaching-progress');
    expect((await here(visit('bare', 'in-progress'))).ok).toBe(true);
    expect(a.refusedBy(await here(visit('bare', 'finished')))).toBe('coaching-progress');
  });

  test('S4.2 a session with the reason why, with a score, or with the progress of a goal, is taken', async () => {
    expect((await here(visit('why', 'finished', reason))).ok).toBe(true);
    expect((await here(call('why', reason))).ok).toBe(true);
    await a.put(at.store, a.coordinator, visit('scored', 'in-progress'));
    await a.put(at.store, mother, score('in-visit', 'coached', 0, { encounter: { reference: 'Encounter/scored' } }));
    expect((await here(visit('scored', 'finished'))).ok).toBe(true);
    expect((await here(call('about', { about: [{ reference: 'Observation/in-visit' }] }))).ok).toBe(true);
    const moved = {
      ...scaled('coached', -1, 0, 1),
      achievementStatus: { coding: [{ code: 'improving' }] },
      statusDate: '2026-11-23',
    };
    expect((await here(moved, visit('moved', 'finished'))).ok).toBe(true);
  });

  test('S4.2 the progress of another child’s goal does not count', async () => {
    const subject = { reference: 'Patient/other-child' };
    await a.put(at.store, a.coordinator, { ...a.patient, id: 'other-child' }, a.goal('others', 'x', { subject }));
    const moved = a.goal('others', 'x', { subject, note: [{ text: 'better' }] });
    expect(a.refusedBy(await here(moved, visit('wrong', 'finished')))).toBe('coaching-progress');
  });
});
