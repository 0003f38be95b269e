import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { fail } from '../../../src/base/errors.ts';
import { extract, extractedBundle } from '../../../src/care/screening/extract.ts';
import { parseJson, stringifyJson } from '../../../src/fhir/json.ts';
import type { r4 } from '../../../src/fhir/types.ts';
import { createValidator } from '../../../src/fhir/validate.ts';
import { coding, declined, fhirPath, food, form, never, often } from './support.ts';

const hunger = form('hunger-vital-sign');
const ahc = form('ahc-hrsn');
const safety = form('caregiver-safety');

function extracted(questionnaire: r4.Questionnaire, response: r4.QuestionnaireResponse): any[] {
  const found = extract(questionnaire, response, fhirPath);
  if (!found.ok) throw new Error(found.error.issues.map(({ text }) => text).join('\n'));
  return found.value.map(({ resource }) => resource);
}
const of = (resources: any[], type: string) => resources.filter(({ resourceType }) => resourceType === type);
const coded = (resources: any[], code: string) =>
  resources.find((one) => one.code.coding.some((coding: r4.Coding) => coding.code === code));

describe('D10 observation-based extraction', () => {
  test('refuses what does not fit its form, and computes what the filler left out', () => {
    expect(extract(hunger, food(often, undefined), fhirPath)).toMatchObject({
      ok: false,
      error: { kind: 'unprocessable', issues: [{ text: 'Item ran-out has to be answered.' }] },
    });
    const made = extracted(hunger, food(often, never, { id: 'r1' }));
    const risk = coded(of(made, 'Observation'), '88124-3');
    expect(risk).toMatchObject({
      status: 'final',
      subject: { reference: 'Patient/child-1' },
      effectiveDateTime: '2026-03-02T15:00:00Z',
      valueCodeableConcept: { coding: [{ code: 'LA19952-3' }] },
      derivedFrom: [{ reference: 'QuestionnaireResponse/r1' }],
    });
    const categories = risk.category
      .flatMap(({ coding }: r4.CodeableConcept) => coding)
      .map((one: r4.Coding) => one.code);
    expect(categories).toEqual(['survey', 'social-history', 'sdoh', 'food-insecurity']);
    const panel = coded(of(made, 'Observation'), '88121-9');
    expect(panel.hasMember).toHaveLength(3);
    expect(panel.valueCodeableConcept).toBeUndefined();
  });

  test('refuses a computed value that the answers do not give', () => {
    const response = food(often, never);
    response.item?.[0]?.item?.push({ linkId: 'risk', answer: [coding('LA19983-8')] });
    expect(extract(hunger, response, fhirPath)).toMatchObject({ ok: false, error: { kind: 'unprocessable' } });
  });

  test.each([
    ['declined', declined],
    ['do not know or refused', coding('LA15775-2')],
  ])('%s becomes asked-declined, no value, and no risk is computed from it', (_, answer) => {
    const made = extracted(hunger, food(answer, never));
    const worried = coded(of(made, 'Observation'), '88122-7');
    expect(worried.dataAbsentReason.coding[0].code).toBe('asked-declined');
    expect(worried.valueCodeableConcept).toBeUndefined();
    expect(coded(of(made, 'Observation'), '88124-3')).toBeUndefined();
    expect(of(made, 'Condition')).toEqual([]);
  });

  test('one answer is enough for a risk, whatever the other', () => {
    expect(of(extracted(hunger, food(declined, 'LA6729-3')), 'Condition')).toHaveLength(1);
    expect(coded(extracted(hunger, food(never, never)), '88124-3').valueCodeableConcept.coding[0].code).toBe(
      'LA19983-8',
    );
  });

  test('every answer of a question that repeats is one of its own, known by its value', () => {
    const one = extracted(ahc, living('LA31993-1', ['LA28580-1', 'LA31998-0']));
    const other = extracted(ahc, living('LA31993-1', ['LA31998-0', 'LA28580-1']));
    const ids = (made: any[]) =>
      made
        .flatMap((o) => o.identifier ?? [])
        .map(({ value }: r4.Identifier) => value)
        .sort();
    expect(one.filter((o) => o.code.coding[0].code === '96778-6')).toHaveLength(2);
    expect(ids(one)).toEqual(ids(other));
  });

  test('the same response gives the same Bundle, and another response another', () => {
    const clock = { now: () => new Date('2026-03-02T16:00:00Z') };
    const bundle = (id: string) => {
      const found = extract(hunger, food(often, never, { id }), fhirPath);
      if (!found.ok) throw new Error('refused');
      return extractedBundle(found.value, food(often, never, { id }), clock) as any;
    };
    expect(bundle('r1')).toEqual(bundle('r1'));
    const urls = (id: string) =>
      bundle(id)
        .entry.map((entry: r4.BundleEntry) => entry.fullUrl)
        .filter(Boolean);
    expect(urls('r1').filter((url: string) => urls('r2').includes(url))).toEqual([]);
    const provenance = bundle('r1').entry.at(-1).resource;
    expect(provenance.entity).toEqual([{ role: 'source', what: { reference: 'QuestionnaireResponse/r1' } }]);
    expect(provenance.target.map(({ reference }: r4.Reference) => reference)).toEqual(urls('r1'));
  });
});

describe('D10 template-based extraction', () => {
  test('a positive answer makes an unconfirmed concern with a code that may be billed', () => {
    const [concern, ...more] = of(extracted(hunger, food(often, never, { id: 'r1' })), 'Condition');
    expect(more).toEqual([]);
    expect(concern.verificationStatus.coding).toEqual([expect.objectContaining({ code: 'unconfirmed' })]);
    expect(concern.category.flatMap(({ coding }: r4.CodeableConcept) => coding?.map(({ code }) => code))).toEqual([
      'health-concern',
      'sdoh',
      'food-insecurity',
    ]);
    expect(concern.code.coding[0]).toMatchObject({ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'Z59.41' });
    expect(concern.subject).toEqual({ reference: 'Patient/child-1' });
    expect(concern.recordedDate).toBe('2026-03-02T15:00:00Z');
    expect(concern.evidence).toEqual([{ detail: [{ reference: 'QuestionnaireResponse/r1' }] }]);
    expect(JSON.stringify(concern)).not.toContain('templateExtract');
  });

  test.each([
    ['LA31995-6', ['LA9-3'], ['Z59.00']],
    ['LA31994-9', ['LA9-3'], ['Z59.811']],
    ['LA31993-1', ['LA31998-0'], ['Z59.11']],
    ['LA31993-1', ['LA31996-4', 'LA32001-2'], ['Z59.19']],
    ['LA31993-1', ['LA31998-0', 'LA28580-1'], ['Z59.11', 'Z59.19']],
    ['LA31993-1', ['LA9-3'], []],
  ])('living %s with %j makes %j', (housing, place, codes) => {
    const concerns = of(extracted(ahc, living(housing, place)), 'Condition');
    expect(concerns.map((one) => one.code.coding[0].code)).toEqual(codes);
  });

  test('contexts, repetition, allocated ids and named variables', () => {
    const sdc = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-';
    const context = (valueString: string) => [{ url: `${sdc}templateExtractContext`, valueString }];
    const value = (valueString: string) => ({ extension: [{ url: `${sdc}templateExtractValue`, valueString }] });
    const kin: any = {
      resourceType: 'Questionnaire',
      status: 'active',
      contained: [
        {
          resourceType: 'RelatedPerson',
          id: 'kin',
          patient: { _reference: value('%resource.subject.reference') },
          name: [
            {
              extension: context("item.where(linkId = 'name')"),
              use: 'official',
              _family: value('answer.value.ofType(string)'),
              _given: [value("%resource.item.item.where(linkId = 'none').answer.value")],
            },
          ],
          telecom: [
            {
              extension: context("item.where(linkId = 'phone').answer.value"),
              system: 'phone',
              _value: value('$this'),
            },
          ],
          birthDate: '2000-01-01',
          _birthDate: value("item.where(linkId = 'born').answer.value"),
          _gender: value("item.where(linkId = 'gender').answer.value.code"),
        },
      ],
      item: [
        {
          linkId: 'kin',
          type: 'group',
          repeats: true,
          extension: [
            { url: `${sdc}extractAllocateId`, valueString: 'newKin' },
            {
              url: `${sdc}templateExtract`,
              extension: [
                { url: 'template', valueReference: { reference: '#kin' } },
                { url: 'fullUrl', valueString: '%newKin' },
                { url: 'ifNoneExist', valueString: "'name=' & item.where(linkId = 'name').answer.value" },
              ],
            },
          ],
          item: [
            { linkId: 'name', type: 'string' },
            { linkId: 'phone', type: 'string', repeats: true },
            { linkId: 'born', type: 'date' },
            { linkId: 'gender', type: 'choice' },
          ],
        },
      ],
    };
    const response: any = {
      resourceType: 'QuestionnaireResponse',
      id: 'r9',
      status: 'completed',
      subject: { reference: 'Patient/child-1' },
      item: [
        {
          linkId: 'kin',
          item: [
            { linkId: 'name', answer: [{ valueString: 'Larch' }] },
            { linkId: 'phone', answer: [{ valueString: '1' }, { valueString: '2' }] },
          ],
        },
        { linkId: 'kin', item: [{ linkId: 'name', answer: [{ valueString: 'Rowan' }] }] },
      ],
    };
    const found = extract(kin, response, fhirPath);
    if (!found.ok) throw new Error('refused');
    expect(found.value.map(({ resource }) => resource)).toEqual([
      {
        resourceType: 'RelatedPerson',
        patient: { reference: 'Patient/child-1' },
        name: [{ use: 'official', family: 'Larch' }],
        telecom: [
          { system: 'phone', value: '1' },
          { system: 'phone', value: '2' },
        ],
      },
      {
        resourceType: 'RelatedPerson',
        patient: { reference: 'Patient/child-1' },
        name: [{ use: 'official', family: 'Rowan' }],
      },
    ]);
    const [first, second] = found.value;
    expect(first?.fullUrl).toMatch(/^urn:uuid:/);
    expect(first?.fullUrl).not.toBe(second?.fullUrl);
    expect(first?.request).toEqual({ method: 'POST', url: 'RelatedPerson', ifNoneExist: 'name=Larch' });
  });

  test('an expression that runs away is stopped, and nothing is extracted', () => {
    const slow = structuredClone(hunger) as any;
    slow.contained[0].extension[0].valueString = `('${'a'.repeat(40)}b').matches('^(a+)+$')`;
    expect(extract(slow, food(often, never), fhirPath)).toMatchObject({ ok: false, error: { kind: 'too-large' } });
  });

  test('an Observation keeps the digits of a decimal', () => {
    const weight: r4.Questionnaire = {
      resourceType: 'Questionnaire',
      status: 'active',
      item: [
        {
          linkId: 'w',
          type: 'decimal',
          code: [{ system: 'http://loinc.org', code: '29463-7' }],
          extension: [
            {
              url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-observationExtract',
              valueBoolean: true,
            },
          ],
        },
      ],
    };
    const text =
      '{"resourceType":"QuestionnaireResponse","status":"completed","item":[{"linkId":"w","answer":[{"valueDecimal":3.10}]}]}';
    const made = extract(weight, parseJson(text) as r4.QuestionnaireResponse, fhirPath);
    if (!made.ok) throw new Error('refused');
    expect(stringifyJson(made.value[0]?.resource)).toContain('"value":3.10}');
  });

  test('a form or response that nobody fills in by hand is refused before it is looked through', () => {
    const item = Array.from({ length: 6000 }, (_, at) => ({ linkId: `i${at}` }));
    const huge: r4.QuestionnaireResponse = { resourceType: 'QuestionnaireResponse', status: 'completed', item };
    expect(extract(hunger, huge, fhirPath)).toMatchObject({ ok: false, error: { issues: [{ code: 'too-costly' }] } });
  });

  test('all that our forms make is valid FHIR', () => {
    const validate = createValidator(path.join(import.meta.dirname, '../../../build/fhir'));
    const more = { id: 'r1', source: { reference: 'RelatedPerson/mother' } };
    const made = [
      ...extracted(hunger, food(often, declined, more)),
      ...extracted(ahc, { ...living('LA31995-6', ['LA31998-0', 'LA28580-1']), ...more }),
      ...extracted(safety, { ...unsafe, ...more }),
    ];
    expect(made.length).toBeGreaterThan(20);
    for (const one of made)
      expect(validate(one).filter(({ severity }) => severity !== 'warning' && severity !== 'information')).toEqual([]);
  });

  test('a template that is not there, and an expression that cannot be read, are refused', () => {
    const broken = structuredClone(hunger) as any;
    broken.contained = [];
    expect(extract(broken, food(often, never), fhirPath)).toMatchObject({
      ok: false,
      error: { kind: 'unprocessable' },
    });
    const wrong = structuredClone(hunger) as any;
    wrong.contained[0].extension[0].valueString = 'answer.value.where(';
    expect(extract(wrong, food(often, never), fhirPath)).toMatchObject({ ok: false, error: { kind: 'unprocessable' } });
  });
});

describe('D10 what is about the caregiver', () => {
  const answers = (...codes: string[]): r4.QuestionnaireResponse => ({
    resourceType: 'QuestionnaireResponse',
    id: 'r2',
    meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'SDV' }] },
    status: 'completed',
    subject: { reference: 'Patient/child-1' },
    source: { reference: 'RelatedPerson/mother' },
    item: [
      { linkId: 'safety', item: codes.map((code, at) => ({ linkId: `safety-${at + 1}`, answer: [coding(code)] })) },
    ],
  });

  test.each([
    [['LA6270-8', 'LA6270-8', 'LA6270-8', 'LA6270-8'], 4, 0],
    [['LA10082-8', 'LA10082-8', 'LA10066-1', 'LA10066-1'], 10, 0],
    [['LA10082-8', 'LA10082-8', 'LA10082-8', 'LA10066-1'], 11, 1],
    [['LA6482-9', 'LA6482-9', 'LA6482-9', 'LA16644-9'], 19, 1],
  ])('%j is %i together, and from 11 a concern', (codes, total, concerns) => {
    const made = extracted(safety, answers(...codes));
    expect(coded(of(made, 'Observation'), '95614-4').valueInteger).toBe(total);
    expect(of(made, 'Condition')).toHaveLength(concerns);
  });

  test('a total that cannot be computed is no total that is missing: nothing is extracted, and it is said which', () => {
    const broken = () => fail('unprocessable', 'An expression of the form cannot be evaluated.');
    const made = extract(safety, answers('LA6482-9', 'LA6482-9', 'LA6482-9', 'LA6482-9'), broken);
    expect(made).toMatchObject({ ok: false, error: { kind: 'unprocessable' } });
    expect(JSON.stringify(made)).toContain('cannot be computed');
  });

  test('three of four answers have no total; all carry the labels and say whom they are about', () => {
    const made = extracted(safety, answers('LA6482-9', 'LA6482-9', 'LA6482-9'));
    expect(coded(made, '95614-4')).toBeUndefined();
    expect(made).toHaveLength(3);
    for (const one of extracted(safety, answers('LA6482-9', 'LA6482-9', 'LA6482-9', 'LA6482-9'))) {
      expect(one.meta.security).toEqual([expect.objectContaining({ code: 'SDV' })]);
      if (one.resourceType === 'Observation') expect(one.focus).toEqual([{ reference: 'RelatedPerson/mother' }]);
    }
  });

  test('no words of the author of HITS are here', () => {
    const texts = JSON.stringify(safety.item).match(/"(text|display)":"[^"]*"/g) ?? [];
    expect(
      texts.filter((text) => !/Survey|Social History|SDOH|Intimate Partner Violence|Asked But Declined/.test(text)),
    ).toEqual([]);
  });
});

const unsafe: r4.QuestionnaireResponse = {
  resourceType: 'QuestionnaireResponse',
  status: 'completed',
  subject: { reference: 'Patient/child-1' },
  authored: '2026-03-02',
  item: [
    { linkId: 'safety', item: [1, 2, 3, 4].map((at) => ({ linkId: `safety-${at}`, answer: [coding('LA6482-9')] })) },
  ],
};

function living(housing: string, place: string[]): r4.QuestionnaireResponse {
  return {
    resourceType: 'QuestionnaireResponse',
    id: 'r3',
    status: 'completed',
    subject: { reference: 'Patient/child-1' },
    authored: '2026-03-02T15:00:00Z',
    item: [
      {
        linkId: 'living',
        item: [
          { linkId: 'housing', answer: [coding(housing)] },
          { linkId: 'place', answer: place.map((code) => coding(code)) },
        ],
      },
      ...(food(never, never).item ?? []),
      { linkId: 'transport', item: [{ linkId: 'transport-lack', answer: [coding('LA32-8')] }] },
      { linkId: 'utilities', item: [{ linkId: 'shut-off', answer: [coding('LA32-8')] }] },
    ],
  };
}
