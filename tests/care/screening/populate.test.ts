import { describe, expect, test } from '@jest/globals';
import { populate } from '../../../src/care/screening/populate.ts';
import type { Resource, r4 } from '../../../src/fhir/types.ts';
import { fhirPath, form } from './support.ts';

const ahc = form('ahc-hrsn');
const safety = form('caregiver-safety');
const now = new Date('2026-03-02T15:00:00Z');
const patient = (language?: string): Resource => ({
  resourceType: 'Patient',
  id: 'child-1',
  ...(language && {
    communication: [{ preferred: true, language: { coding: [{ system: 'urn:ietf:bcp:47', code: language }] } }],
  }),
});
const spoken = (code: string, effectiveDateTime: string, more: object = {}): Resource => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '97027-7' }] },
  effectiveDateTime,
  valueCodeableConcept: { coding: [{ system: 'http://loinc.org', code }] },
  ...more,
});
const fill = (questionnaire: r4.Questionnaire, launch: Record<string, Resource>, observations: Resource[] = []) =>
  populate(questionnaire, { launch, observations, now, fhirPath });
const language = (items: r4.QuestionnaireResponseItem[]) =>
  items.find(({ linkId }) => linkId === 'supplement')?.item?.find(({ linkId }) => linkId === 'language')?.answer;

describe('D10 what is known already', () => {
  test.each([
    ['es-MX', 'LA33-6'],
    ['en-US', 'LA32-8'],
    [undefined, undefined],
  ])('a preferred language of %s fills in %s', (spokenAtHome, code) => {
    const { items, unusable } = fill(ahc, { patient: patient(spokenAtHome) });
    expect(language(items)?.[0]?.valueCoding?.code).toBe(code);
    expect(unusable).toEqual([]);
  });

  test.each<[string, Resource[], string | undefined]>([
    ['the newest answer of the last year', [spoken('LA33-6', '2026-01-01'), spoken('LA32-8', '2025-06-01')], 'LA33-6'],
    ['nothing that is older', [spoken('LA33-6', '2024-01-01')], undefined],
    ['nothing that was a mistake', [spoken('LA33-6', '2026-01-01', { status: 'entered-in-error' })], undefined],
    ['nothing that is no option any more', [spoken('LA-old', '2026-01-01')], undefined],
  ])('of Observations: %s', (_, observations, code) => {
    expect(language(fill(ahc, { patient: patient() }, observations).items)?.[0]?.valueCoding?.code).toBe(code);
  });

  test('who answers for themself is whom the answers are about; what is kept apart is never filled in', () => {
    const user: Resource = { resourceType: 'RelatedPerson', id: 'mother' };
    const [group] = fill(safety, { patient: patient(), user }).items;
    expect(group?.item).toEqual([
      { linkId: 'about', answer: [{ valueReference: { reference: 'RelatedPerson/mother' } }] },
    ]);
    const nobody = fill(safety, { patient: patient() });
    expect([nobody.items, nobody.unusable]).toEqual([[], []]);
  });

  test('initial values and options chosen beforehand; what cannot stand there is named', () => {
    const url = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression';
    const asked = (expression: string) => [
      { url, valueExpression: { language: 'text/fhirpath', expression } as const },
    ];
    const made: r4.Questionnaire = {
      resourceType: 'Questionnaire',
      status: 'active',
      item: [
        { linkId: 'a', type: 'boolean', initial: [{ valueBoolean: true }] },
        {
          linkId: 'b',
          type: 'choice',
          answerOption: [{ valueString: 'x' }, { valueString: 'y', initialSelected: true }],
        },
        { linkId: 'c', type: 'integer', extension: asked("'many'") },
        { linkId: 'd', type: 'date', extension: asked('%patient.birthDate') },
        { linkId: 'e', type: 'string', extension: asked('%patient.name.where(') },
      ],
    };
    const { items, unusable } = fill(made, { patient: { ...patient(), birthDate: '2020-05-04' } });
    expect(items).toEqual([
      { linkId: 'a', answer: [{ valueBoolean: true }] },
      { linkId: 'b', answer: [{ valueString: 'y' }] },
      { linkId: 'd', answer: [{ valueDate: '2020-05-04' }] },
    ]);
    expect(unusable).toEqual(['c', 'e']);
  });
});
