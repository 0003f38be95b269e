import { describe, expect, test } from '@jest/globals';
import { type PlanSection, planView } from '../../../src/fhir/plan-view.ts';
import type { Resource } from '../../../src/fhir/types.ts';

const base = 'http://careweave.org/fhir';
const subject = { reference: 'Patient/c' };
const kind = (code: string) => [{ coding: [{ system: `${base}/CodeSystem/careplan-category`, code }] }];
const plan: Resource = {
  resourceType: 'CarePlan',
  id: 'p',
  status: 'active',
  intent: 'plan',
  category: kind('shared-plan-of-care'),
  subject,
  activity: [{ reference: { reference: 'ServiceRequest/never' } }],
};
const patient = (birthDate: string): Resource => ({
  resourceType: 'Patient',
  id: 'c',
  birthDate,
  name: [{ text: 'Robin' }],
});
const all = (sections: readonly PlanSection[]): PlanSection[] => sections.flatMap((one) => [one, ...all(one.parts)]);

/** The words and facts of one section; undefined when it is not there. */
function lines(
  code: string,
  resources: Resource[],
  birthDate = '2020-01-01',
  today = '2026-11-23',
): string[] | undefined {
  const view = planView('p', [plan, patient(birthDate), ...resources], {
    today,
    showRestricted: true,
    dropUnavailable: true,
  });
  const found = all(view?.sections ?? []).find((one) => one.code === code);
  return found?.lines.map(({ words, facts, doNot }) => `${doNot ? 'NOT ' : ''}${[words, ...facts].join('; ')}`);
}
const component = (id: string, code: string, more: object = {}): Resource => ({
  resourceType: 'CarePlan',
  id,
  status: 'active',
  intent: 'plan',
  title: id,
  category: kind(code),
  subject,
  partOf: [{ reference: 'CarePlan/p' }],
  ...more,
});

describe('sections', () => {
  test('that nothing is in are not there', () => {
    const view = planView('p', [plan, patient('2020-01-01')], { dropUnavailable: true });
    expect(view?.sections.map(({ code }) => code)).toEqual(['at-a-glance', 'review']);
  });

  test('moving to adult care is there from the twelfth birthday on', () => {
    const move = component('Move', 'transition', { period: { start: '2026-10-01' } });
    expect(lines('transition', [move], '2014-11-24')).toBeUndefined();
    expect(lines('transition', [move], '2014-11-23')).toEqual(['Move; transition; active; as of 2026-10-01']);
  });

  test('component plans are those in force, of this plan, and not a hospital’s', () => {
    const source = { meta: { source: 'urn:careweave:site:lakeside#CarePlan/1' } };
    const others = [
      component('Ended', 'emergency', { status: 'completed' }),
      component('Elsewhere', 'emergency', { partOf: [{ reference: 'CarePlan/other' }] }),
      component('Theirs', 'emergency', source),
      component('Ours', 'crisis'),
    ];
    expect(lines('emergency-access', others)).toEqual(['Ours; crisis; active']);
  });

  test('an authorization says until when it holds, and that it has expired', () => {
    const request = (id: string, end: string): Resource => ({
      resourceType: 'DeviceRequest',
      id,
      status: 'active',
      intent: 'order',
      codeCodeableConcept: { text: id },
      subject,
      occurrencePeriod: { end },
    });
    expect(lines('services', [request('a', '2026-11-22'), request('b', '2026-11-23')])).toEqual([
      'a; equipment; EXPIRED 2026-11-22',
      'b; equipment; until 2026-11-23',
    ]);
  });

  test('two ways of taking one medicine are two lines, one way told twice is one', () => {
    const coding = [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '19831', display: 'budesonide' }];
    const order = (id: string, text: string, more: object = {}): Resource => ({
      resourceType: 'MedicationRequest',
      id,
      status: 'active',
      intent: 'order',
      medicationCodeableConcept: { coding },
      subject,
      dosageInstruction: [{ text }],
      ...more,
    });
    const found = lines('medications', [
      order('a', 'twice a day'),
      order('b', 'Twice a day'),
      order('c', 'once a day'),
      order('d', 'never', { status: 'stopped' }),
      order('e', 'do not', { doNotPerform: true }),
    ]);
    expect(found).toEqual(['budesonide; twice a day; Twice a day', 'budesonide; once a day']);
  });

  test('what is not to be done says so first', () => {
    const never: Resource = {
      resourceType: 'ServiceRequest',
      id: 'never',
      status: 'active',
      intent: 'order',
      doNotPerform: true,
      code: { text: 'Intubate from above' },
      subject,
    };
    expect(lines('actions', [never])?.[0]).toMatch(/^NOT Intubate from above/);
    expect(lines('at-a-glance', [never])?.join('\n')).toContain('DO NOT: Intubate from above');
  });

  test('no allergy is left out of what has to be known first', () => {
    const allergies = Array.from(
      { length: 9 },
      (_, n): Resource => ({
        resourceType: 'AllergyIntolerance',
        id: `a${n}`,
        patient: subject,
        code: { text: `Allergen ${n}` },
      }),
    );
    const glance = lines('at-a-glance', allergies)?.join('\n');
    for (let n = 0; n < 9; n += 1) expect(glance).toContain(`Allergen ${n}`);
  });

  test('how the caregivers are is told only from records labelled so', () => {
    const said = (id: string, security: object[]): Resource => ({
      resourceType: 'Observation',
      id,
      meta: { security: security as never },
      status: 'final',
      code: { text: 'Strain' },
      valueString: id,
      subject,
    });
    const label = { system: `${base}/CodeSystem/sensitivity`, code: 'PARENTOWN' };
    expect(lines('caregiver', [said('open', []), said('labelled', [label])])).toEqual(['Strain: labelled']);
  });

  test('hold against records of which the policy has taken elements away', () => {
    const bare = [
      'Coverage',
      'Consent',
      'Flag',
      'AllergyIntolerance',
      'Provenance',
      'DocumentReference',
      'Goal',
      'Task',
    ];
    const records = bare.map((resourceType): Resource => ({ resourceType, id: 'x', status: 'active', subject }));
    expect(() => lines('review', records)).not.toThrow();
  });
});
