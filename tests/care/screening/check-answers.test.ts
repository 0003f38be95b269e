import { describe, expect, test } from '@jest/globals';
import { answerProblems } from '../../../src/care/screening/check-answers.ts';
import type { r4 } from '../../../src/fhir/types.ts';
import { coding, fhirPath, food, form, never, often } from './support.ts';

const hunger = form('hunger-vital-sign');
const texts = (questionnaire: r4.Questionnaire, response: r4.QuestionnaireResponse) =>
  answerProblems(questionnaire, response, fhirPath).map(({ text, expression }) => `${expression?.[0]} ${text}`);

const q = (item: r4.QuestionnaireItem[], more: object = {}): r4.Questionnaire => ({
  resourceType: 'Questionnaire',
  status: 'active',
  item,
  ...more,
});
const r = (item: r4.QuestionnaireResponseItem[]): r4.QuestionnaireResponse => ({
  resourceType: 'QuestionnaireResponse',
  status: 'completed',
  item,
});

describe('a response held against its form', () => {
  test('names every problem at once, each with its place', () => {
    const response = food({ valueString: 'often' }, undefined);
    response.item?.push({ linkId: 'made-up', answer: [{ valueBoolean: true }] }, { linkId: 'worried' });
    expect(texts(hunger, response)).toEqual([
      'QuestionnaireResponse.item[1] The form has no item with this link id.',
      'QuestionnaireResponse.item[2] The item stands elsewhere in the form.',
      'QuestionnaireResponse.item[0].item[0].answer[0] Item worried takes one of its options.',
      'QuestionnaireResponse.item[0] Item ran-out has to be answered.',
    ]);
  });

  test.each<[string, r4.Questionnaire, r4.QuestionnaireResponse, RegExp]>([
    ['a code that is no option', hunger, food('LA33-6', never), /worried takes one of its options/],
    ['two answers to one question', hunger, twice(), /worried takes one answer/],
    ['no answers at all', hunger, r([]), /worried has to be answered/],
    ['an answer to a group', hunger, onGroup(), /food is no question/],
    [
      'a number for a date',
      q([{ linkId: 'd', type: 'date' }]),
      r([{ linkId: 'd', answer: [{ valueInteger: 3 }] }]),
      /type date/,
    ],
    [
      'a text that is too long',
      q([{ linkId: 't', type: 'string', maxLength: 3 }]),
      r([{ linkId: 't', answer: [{ valueString: 'long' }] }]),
      /at most 3/,
    ],
    ['an answer without a value', q([{ linkId: 't', type: 'string' }]), r([{ linkId: 't', answer: [{}] }]), /no value/],
    [
      'a group twice that does not repeat',
      q([{ linkId: 'g', type: 'group' }]),
      r([{ linkId: 'g' }, { linkId: 'g' }]),
      /more than once/,
    ],
    [
      'an item beside the answer that it belongs to',
      q([{ linkId: 'a', type: 'boolean', item: [{ linkId: 'b', type: 'string' }] }]),
      r([{ linkId: 'a', answer: [{ valueBoolean: true }], item: [{ linkId: 'b' }] }]),
      /stands in its answer/,
    ],
    [
      'a code that the contained value set does not have',
      q([{ linkId: 'c', type: 'choice', answerValueSet: '#set' }], {
        contained: [
          {
            resourceType: 'ValueSet',
            id: 'set',
            status: 'active',
            compose: { include: [{ system: 'urn:x', concept: [{ code: 'a' }] }] },
          },
        ],
      }),
      r([{ linkId: 'c', answer: [coding('b', 'urn:x')] }]),
      /one of its options/,
    ],
  ])('refuses %s', (_, questionnaire, response, problem) => {
    expect(texts(questionnaire, response).join('\n')).toMatch(problem);
  });

  test('lets a fitting response pass, the computed item given or not', () => {
    expect(texts(hunger, food(often, never))).toEqual([]);
    const whole = food(often, never);
    whole.item?.[0]?.item?.push({ linkId: 'risk', answer: [coding('LA19952-3')] });
    expect(texts(hunger, whole)).toEqual([]);
  });

  test('a repeating group may be left out, and each of its instances has to be whole', () => {
    const many = q([
      { linkId: 'kin', type: 'group', repeats: true, item: [{ linkId: 'name', type: 'string', required: true }] },
    ]);
    expect(texts(many, r([]))).toEqual([]);
    const named = { linkId: 'kin', item: [{ linkId: 'name', answer: [{ valueString: 'Robin' }] }] };
    expect(texts(many, r([named, named]))).toEqual([]);
    expect(texts(many, r([named, { linkId: 'kin' }]))).toEqual([
      'QuestionnaireResponse.item[1] Item name has to be answered.',
    ]);
  });
});

describe('enableWhen', () => {
  const when = (more: Partial<r4.QuestionnaireItem>): r4.Questionnaire =>
    q([
      { linkId: 'has', type: 'boolean' },
      { linkId: 'age', type: 'integer' },
      { linkId: 'which', type: 'string', required: true, ...more },
    ]);
  const said = (has: boolean | undefined, age: number | undefined, which?: string) =>
    r([
      ...(has === undefined ? [] : [{ linkId: 'has', answer: [{ valueBoolean: has }] }]),
      ...(age === undefined ? [] : [{ linkId: 'age', answer: [{ valueInteger: age }] }]),
      ...(which === undefined ? [] : [{ linkId: 'which', answer: [{ valueString: which }] }]),
    ]);
  const isTrue = { question: 'has', operator: '=', answerBoolean: true } as const;
  const isOld = { question: 'age', operator: '>=', answerInteger: 12 } as const;

  test.each<[string, Partial<r4.QuestionnaireItem>, r4.QuestionnaireResponse, number]>([
    ['asked and missing', { enableWhen: [isTrue] }, said(true, undefined), 1],
    ['asked and there', { enableWhen: [isTrue] }, said(true, undefined, 'x'), 0],
    ['not asked and missing', { enableWhen: [isTrue] }, said(false, undefined), 0],
    ['not asked and there', { enableWhen: [isTrue] }, said(false, undefined, 'x'), 1],
    ['all: one does not hold', { enableWhen: [isTrue, isOld], enableBehavior: 'all' }, said(true, 11), 0],
    ['any: one holds', { enableWhen: [isTrue, isOld], enableBehavior: 'any' }, said(false, 12), 1],
    ['no answer is neither = nor !=', { enableWhen: [{ ...isTrue, operator: '!=' }] }, said(undefined, 3), 0],
    ['another answer is !=', { enableWhen: [{ ...isTrue, operator: '!=' }] }, said(false, 3), 1],
    ['exists', { enableWhen: [{ question: 'age', operator: 'exists', answerBoolean: true }] }, said(true, 3), 1],
    [
      'does not exist',
      { enableWhen: [{ question: 'age', operator: 'exists', answerBoolean: false }] },
      said(true, 3),
      0,
    ],
    [
      'an expression',
      {
        extension: [
          {
            url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression',
            valueExpression: {
              language: 'text/fhirpath',
              expression: "%resource.item.where(linkId = 'age').answer.value > 5",
            },
          },
        ],
      },
      said(true, 3),
      0,
    ],
  ])('%s', (_, more, response, problems) => {
    expect(texts(when(more), response)).toHaveLength(problems);
  });
});

function twice(): r4.QuestionnaireResponse {
  const response = food(often, never);
  response.item?.[0]?.item?.[0]?.answer?.push(coding(never));
  return response;
}

function onGroup(): r4.QuestionnaireResponse {
  const response = food(often, never);
  for (const item of response.item ?? []) item.answer = [{ valueBoolean: true }];
  return response;
}
