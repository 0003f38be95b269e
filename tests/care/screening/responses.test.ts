import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PrivacyHouse } from '../../access/support/privacy-house.ts';
import { base, declined, food, never, often } from './support.ts';
import { child, childRef, clinician, father, mother, openTwoParents } from './two-parents.ts';

let house: PrivacyHouse;
beforeAll(async () => {
  house = await openTwoParents();
});
afterAll(() => house.shut());

const about = (worried?: string | object, ranOut?: string | object, more: object = {}) =>
  food(worried, ranOut, { subject: childRef, ...more });
const list = async (who: string, query: string): Promise<any[]> => {
  const answer = await house.as(who, 'GET', query);
  expect(answer.status).toBe(200);
  return (answer.json.entry ?? []).map(({ resource }: any) => resource);
};
const observed = (response: string, code: string) =>
  list('system', `/Observation?derived-from=QuestionnaireResponse/${response}&code=${code}`);
const concerns = () => list('system', `/Condition?patient=${child}&category=sdoh`);

describe('response-fits-its-form', () => {
  test('refuses a completed response with every problem, and writes nothing', async () => {
    const answer = await house.as(mother, 'POST', '/QuestionnaireResponse', about('LA33-6'));
    expect(answer.status).toBe(422);
    expect(answer.json.issue.map(({ diagnostics, details }: any) => diagnostics ?? details.text)).toEqual([
      'response-fits-its-form: Item worried takes one of its options.',
      'response-fits-its-form: Item ran-out has to be answered.',
    ]);
    expect(await list('system', `/QuestionnaireResponse?patient=${child}`)).toEqual([]);
  });

  test('asks nothing of one that is under way, nor of a form that is not kept here', async () => {
    const under = await house.as(
      mother,
      'POST',
      '/QuestionnaireResponse',
      about(often, undefined, { status: 'in-progress' }),
    );
    expect(under.status).toBe(201);
    const elsewhere = about('x', undefined, { questionnaire: 'http://example.org/Questionnaire/other' });
    expect((await house.as(mother, 'POST', '/QuestionnaireResponse', elsewhere)).status).toBe(201);
    expect(await concerns()).toEqual([]);
  });
});

describe('D10 extraction on completion', () => {
  let id = '';
  test('a mother’s answers become Observations and one unconfirmed concern, in the same transaction', async () => {
    const written = await house.as(mother, 'POST', '/QuestionnaireResponse', about(often, never));
    expect(written.status).toBe(201);
    id = written.headers.get('location')?.split('/')[5] ?? '';
    expect(await observed(id, '88124-3')).toMatchObject([
      { valueCodeableConcept: { coding: [{ code: 'LA19952-3' }] } },
    ]);
    const [panel] = await observed(id, '88121-9');
    expect(panel.hasMember.every(({ reference }: any) => /^Observation\//.test(reference))).toBe(true);
    const [concern, ...more] = await concerns();
    expect(more).toEqual([]);
    expect(concern).toMatchObject({ evidence: [{ detail: [{ reference: `QuestionnaireResponse/${id}` }] }] });
    expect(concern.verificationStatus.coding[0].code).toBe('unconfirmed');
    const told = await list('system', `/Provenance?target=Condition/${concern.id}`);
    expect(told).toMatchObject([{ entity: [{ role: 'source', what: { reference: `QuestionnaireResponse/${id}` } }] }]);
  });

  test('the same again changes nothing; an amended response replaces', async () => {
    const count = async () => (await list('system', `/Observation?patient=${child}&_count=100`)).length;
    const before = await count();
    const [concern] = await concerns();
    const again = await house.as('system', 'PUT', `/QuestionnaireResponse/${id}`, {
      ...about(often, never),
      id,
      language: 'en',
    });
    expect(again.status).toBe(200);
    expect(await count()).toBe(before);
    expect((await concerns()).map(({ meta }) => meta.versionId)).toEqual([concern.meta.versionId]);
    const amended = await house.as('system', 'PUT', `/QuestionnaireResponse/${id}`, {
      ...about(never, declined, { status: 'amended' }),
      id,
    });
    expect([amended.status, amended.text]).toEqual([200, amended.text]);
    expect(await count()).toBe(before);
    expect(await observed(id, '88122-7')).toMatchObject([
      { status: 'amended', valueCodeableConcept: { coding: [{ code: never }] } },
    ]);
    expect(await observed(id, '88123-5')).toMatchObject([
      { dataAbsentReason: { coding: [{ code: 'asked-declined' }] } },
    ]);
    expect(await observed(id, '88124-3')).toMatchObject([{ status: 'entered-in-error' }]);
    const [mistaken] = await concerns();
    expect(mistaken.id).toBe(concern.id);
    expect(mistaken.verificationStatus.coding[0].code).toBe('entered-in-error');
    expect(mistaken.clinicalStatus).toBeUndefined();
  });

  test('a label of its own changes nothing of what it was made into, even when its form has gone on', async () => {
    const url = 'http://example.org/Questionnaire/short';
    const short = (type: string) => ({
      resourceType: 'Questionnaire',
      id: 'short',
      url,
      status: 'active',
      item: [{ linkId: 'a', type }],
    });
    const put = (resource: any, query = '') =>
      house.as('system', 'PUT', `/${resource.resourceType}/${resource.id}${query}`, resource);
    expect((await put(short('string'))).status).toBe(201);
    const said = {
      ...about(),
      id: 'short-answer',
      questionnaire: url,
      item: [{ linkId: 'a', answer: [{ valueString: 'x' }] }],
    };
    expect((await put(said)).status).toBe(201);
    expect((await put(short('boolean'))).status).toBe(200);
    const tag = [{ system: 'http://example.org/tags', code: 'seen' }];
    expect((await put({ ...said, meta: { tag } })).status).toBe(200);
    expect((await put({ ...said, language: 'en' })).status).toBe(422);
  });

  test('answers said again as they were bring the concern back, once', async () => {
    const back = await house.as('system', 'PUT', `/QuestionnaireResponse/${id}`, {
      ...about(often, often, { status: 'amended' }),
      id,
    });
    expect(back.status).toBe(200);
    const all = await concerns();
    expect(all).toHaveLength(1);
    expect(all[0].verificationStatus.coding[0].code).toBe('unconfirmed');
  });

  test('a second screening adds to the open concern, and what a person took up stays theirs', async () => {
    const [concern] = await concerns();
    const second = await house.as(
      mother,
      'POST',
      '/QuestionnaireResponse',
      about(often, often, { authored: '2026-03-03T10:00:00Z' }),
    );
    expect(second.status).toBe(201);
    const [grown, ...more] = await concerns();
    expect(more).toEqual([]);
    expect(grown.evidence).toHaveLength(2);
    const confirmed = {
      ...grown,
      verificationStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'confirmed' }],
      },
      asserter: { reference: clinician },
    };
    expect((await house.as(clinician, 'PUT', `/Condition/${concern.id}`, confirmed)).status).toBe(200);
    const error = await house.as('system', 'PUT', `/QuestionnaireResponse/${id}`, {
      ...about(often, often, { status: 'entered-in-error' }),
      id,
    });
    expect(error.status).toBe(200);
    const [kept] = await concerns();
    expect(kept.verificationStatus.coding[0].code).toBe('confirmed');
    expect(kept.evidence).toHaveLength(1);
  });

  test('two responses at the same moment make one concern', async () => {
    const other = { resourceType: 'Patient', id: 'screen-other', birthDate: '2020-01-01' };
    expect((await house.as('system', 'PUT', '/Patient/screen-other', other)).status).toBe(201);
    const post = () =>
      house.as(
        'system',
        'POST',
        '/QuestionnaireResponse',
        food(often, often, { subject: { reference: 'Patient/screen-other' } }),
      );
    const answers = await Promise.all([post(), post(), post()]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    const [one, ...more] = await list('system', '/Condition?patient=screen-other');
    expect(more).toEqual([]);
    expect(one.evidence).toHaveLength(3);
  });
});

describe('form-extracts-concerns', () => {
  const formWith = (template: object) => ({
    resourceType: 'Questionnaire',
    status: 'active',
    url: 'http://example.org/Questionnaire/sly',
    extension: [{ url: `${base}/StructureDefinition/extract-on-completion`, valueBoolean: true }],
    contained: [{ id: 't', ...template }],
    item: [
      {
        linkId: 'a',
        type: 'boolean',
        extension: [
          {
            url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-templateExtract',
            extension: [{ url: 'template', valueReference: { reference: '#t' } }],
          },
        ],
      },
    ],
  });
  const status = (code: string) => ({
    verificationStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code }] },
  });

  test.each([
    ['a confirmed Condition', { resourceType: 'Condition', subject: childRef, ...status('confirmed') }],
    ['a Condition that says nothing about it', { resourceType: 'Condition', subject: childRef }],
    ['a Flag', { resourceType: 'Flag', status: 'active', code: { text: 'x' }, subject: childRef }],
  ])('refuses a form that would make %s by itself', async (_, template) => {
    const answer = await house.as('system', 'POST', '/Questionnaire', formWith(template));
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('form-extracts-concerns');
  });

  test('lets an unconfirmed one pass', async () => {
    const template = { resourceType: 'Condition', subject: childRef, ...status('unconfirmed') };
    const answer = await house.as('system', 'POST', '/Questionnaire', formWith(template));
    expect(answer.status).toBe(201);
  });
});

describe('D10 $populate and $extract', () => {
  test('$populate fills in what is known, as the caller may see it', async () => {
    const ask = (who: string, path: string) => house.as(who, 'GET', path);
    const filled = await ask(mother, `/Questionnaire/ahc-hrsn/$populate?subject=Patient/${child}`);
    expect(filled.status).toBe(200);
    const response = filled.json.parameter.find(({ name }: any) => name === 'response').resource;
    expect(response).toMatchObject({
      status: 'in-progress',
      questionnaire: `${base}/Questionnaire/ahc-hrsn|0.1.0`,
      subject: childRef,
      author: { reference: mother },
    });
    const supplement = response.item.find(({ linkId }: any) => linkId === 'supplement');
    expect(supplement.item).toMatchObject([{ linkId: 'language', answer: [{ valueCoding: { code: 'LA33-6' } }] }]);
    expect(JSON.stringify(response)).not.toContain('safety');
    const hidden = await ask('RelatedPerson/nobody', `/Questionnaire/ahc-hrsn/$populate?subject=Patient/${child}`);
    const absent = await ask(mother, '/Questionnaire/ahc-hrsn/$populate?subject=Patient/not-there');
    expect([hidden.status, absent.status]).toEqual([404, 404]);
    expect((await ask(mother, '/Questionnaire/ahc-hrsn/$populate')).status).toBe(400);
    expect((await ask(mother, `/Questionnaire/$populate?subject=Patient/${child}&canonical=http://x`)).status).toBe(
      404,
    );
  });

  test('$extract answers with the transaction and writes nothing; posted twice it stays one', async () => {
    const patient = { resourceType: 'Patient', id: 'screen-third', birthDate: '2020-01-01' };
    await house.as('system', 'PUT', '/Patient/screen-third', patient);
    const response = food(often, never, { subject: { reference: 'Patient/screen-third' }, id: 'not-kept' });
    const parameters = {
      resourceType: 'Parameters',
      parameter: [{ name: 'questionnaire-response', resource: response }],
    };
    const answer = await house.as(clinician, 'POST', '/QuestionnaireResponse/$extract', parameters);
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ resourceType: 'Bundle', type: 'transaction' });
    expect(await list('system', '/Observation?patient=screen-third')).toEqual([]);
    const entry = answer.json.entry.filter(({ resource }: any) => resource.resourceType === 'Observation');
    for (const _ of [1, 2]) {
      const posted = await house.as(clinician, 'POST', '', { ...answer.json, entry });
      expect(posted.status).toBe(200);
    }
    expect(await list('system', '/Observation?patient=screen-third')).toHaveLength(4);
  });

  test('$extract of a response that is not complete, does not fit or is hidden', async () => {
    const post = (resource: object) => house.as('system', 'POST', '/QuestionnaireResponse/$extract', resource);
    expect((await post(about(often, never, { status: 'in-progress' }))).status).toBe(422);
    expect((await post(about(often))).status).toBe(422);
    expect((await post({ resourceType: 'Patient' })).status).toBe(400);
    expect((await house.as(mother, 'GET', '/QuestionnaireResponse/not-there/$extract')).status).toBe(404);
  });
});

describe('careweave maps check', () => {
  test('every code of ours may be billed in the year that the table was held against, and a split one is found', async () => {
    expect(await house.command('maps', 'check', '--year', '2026')).toMatch(
      / codes looked at for fiscal year 2026, 0 wrong/,
    );
    const old = {
      resourceType: 'ConceptMap',
      id: 'old',
      status: 'active',
      group: [
        {
          source: 'http://example.org/x',
          target: 'http://hl7.org/fhir/sid/icd-10-cm',
          element: [{ code: 'food', target: [{ code: 'Z59.4', equivalence: 'equivalent' }] }],
        },
      ],
    };
    expect((await house.as('system', 'PUT', '/ConceptMap/old', old)).status).toBe(201);
    await expect(house.command('maps', 'check', '--year', '2026')).rejects.toThrow('1 codes may not be billed');
    await house.as('system', 'DELETE', '/ConceptMap/old');
  });
});

test('a father with the same rights reads the answers about the household', async () => {
  expect((await list(father, `/QuestionnaireResponse?patient=${child}`)).length).toBeGreaterThan(0);
});
