import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PrivacyHouse } from '../../access/support/privacy-house.ts';
import { base, coding, food, never } from './support.ts';
import { child, childRef, clinician, father, mother, openTwoParents } from './two-parents.ts';

let house: PrivacyHouse;
/** How the father's world looks before anybody answers in private. */
let empty: Record<string, any>;
let before: Record<string, any>;
let answers: Record<string, any>;

const safe = 'LA6270-8';
const often = 'LA6482-9';
const item = (linkId: string, ...codes: string[]) => ({ linkId, answer: codes.map((code) => coding(code)) });
const safety = (code: string) => ({
  linkId: 'safety',
  item: [1, 2, 3, 4].map((at) => item(`safety-${at}`, code)),
});
const whole = (code: string | undefined, more: object = {}) => ({
  resourceType: 'QuestionnaireResponse',
  questionnaire: `${base}/Questionnaire/ahc-hrsn`,
  status: 'completed',
  subject: childRef,
  item: [
    { linkId: 'living', item: [item('housing', 'LA31993-1'), item('place', 'LA9-3')] },
    ...(food(never, never).item ?? []),
    { linkId: 'transport', item: [item('transport-lack', 'LA32-8')] },
    { linkId: 'utilities', item: [item('shut-off', 'LA32-8')] },
    ...(code === undefined ? [] : [safety(code)]),
  ],
  ...more,
});
const submit = (who: string, resource: object) =>
  house.as(who, 'POST', '/QuestionnaireResponse/$submit', {
    resourceType: 'Parameters',
    parameter: [{ name: 'resource', resource }],
  });
const searches = [
  `/QuestionnaireResponse?patient=${child}&_total=accurate`,
  `/Observation?patient=${child}&_total=accurate&_count=100`,
  `/Condition?patient=${child}&_total=accurate`,
  `/Provenance?patient=Patient/${child}&_total=accurate`,
  `/Patient?_id=${child}&_revinclude=QuestionnaireResponse:subject&_revinclude=Observation:subject&_revinclude=Condition:subject&_revinclude=Provenance:target`,
  `/Patient/${child}/$everything?_count=500`,
  `/Questionnaire/caregiver-safety/$populate?subject=Patient/${child}`,
];
async function world(who: string): Promise<Record<string, any>> {
  const told: Record<string, any> = {};
  for (const query of searches) {
    const { status, json } = await house.as(who, 'GET', query);
    told[query] = {
      status,
      total: json.total,
      types: (json.entry ?? []).map((entry: any) => entry.resource.resourceType).sort(),
    };
  }
  return told;
}
const restricted = async (who: string) => {
  const found = await house.as(
    who,
    'GET',
    `/QuestionnaireResponse?patient=${child}&questionnaire=${base}/Questionnaire/caregiver-safety`,
  );
  return (found.json.entry ?? []).map(({ resource }: any) => resource);
};

beforeAll(async () => {
  house = await openTwoParents();
  empty = await world(father);
  // The same form without the private part: what the father sees then is all that he may ever see.
  expect((await submit(mother, whole(undefined))).status).toBe(200);
  before = await world(father);
});
afterAll(() => house.shut());

describe('D10 private answering', () => {
  test('a response that holds private answers is refused, under way or completed, whoever writes it', async () => {
    for (const status of ['completed', 'in-progress'])
      for (const who of [mother, clinician, 'system']) {
        const refused = await house.as(who, 'POST', '/QuestionnaireResponse', whole(often, { status }));
        expect([who, status, refused.status]).toEqual([who, status, 422]);
        expect(refused.text).toContain('private-answers');
        expect(refused.text).not.toContain(often);
      }
    const bare = {
      ...whole(undefined),
      questionnaire: `${base}/Questionnaire/caregiver-safety`,
      item: [safety(often)],
    };
    expect((await house.as(clinician, 'POST', '/QuestionnaireResponse', bare)).text).toContain('private-answers');
    // A version that is not here makes nothing less private.
    const other = { ...bare, questionnaire: `${bare.questionnaire}|9.9` };
    expect((await house.as(clinician, 'POST', '/QuestionnaireResponse', other)).text).toContain('private-answers');
    expect(await restricted('system')).toEqual([]);
  });

  test('an answer that does not fit undoes all of it', async () => {
    const wrong = whole('LA33-6');
    expect((await submit(mother, wrong)).status).toBe(422);
    expect(await world(father)).toEqual(before);
    expect(await restricted('system')).toEqual([]);
  });

  test('somebody without rights to the child, or in another’s name, hands nothing in', async () => {
    const stranger = await submit('RelatedPerson/nobody', whole(often));
    expect(stranger.status).toBe(422);
    expect(stranger.text).toContain('a record that is not there');
    expect((await submit(mother, whole(often, { author: { reference: father } }))).status).toBe(422);
    expect((await submit(mother, whole(often, { status: 'in-progress' }))).status).toBe(422);
    expect((await submit(mother, { ...whole(often), colour: 'red' })).status).toBe(422);
    expect(await restricted('system')).toEqual([]);
  });

  test('$submit parts the response: staff see both, with the concern', async () => {
    const kept = await submit(mother, whole(often));
    expect(kept.status).toBe(200);
    expect(kept.json).toMatchObject({ resourceType: 'QuestionnaireResponse', author: { reference: mother } });
    expect(JSON.stringify(kept.json)).not.toContain('safety');
    const [apart, ...more] = await restricted(clinician);
    expect(more).toEqual([]);
    expect(apart.item).toMatchObject([{ linkId: 'safety', item: [{}, {}, {}, {}] }]);
    expect(apart.meta.security.map(({ code }: any) => code)).toEqual(['PARENTOWN', 'SDV', 'R']);
    const found = await house.as(
      clinician,
      'GET',
      `/Observation?derived-from=QuestionnaireResponse/${apart.id}&code=95614-4`,
    );
    expect(found.json.entry[0].resource).toMatchObject({ valueInteger: 20, focus: [{ reference: mother }] });
    const concern = await house.as(clinician, 'GET', `/Condition?evidence-detail=QuestionnaireResponse/${apart.id}`);
    expect(concern.json.entry[0].resource.verificationStatus.coding[0].code).toBe('unconfirmed');
    answers = { apart, concern: concern.json.entry[0].resource, total: found.json.entry[0].resource };
  });

  test('the other parent, with a full proxy, is told what he was told of an answer without it: no record, no count, no gap', async () => {
    // One more response with its Observations stands there; take away what the first one had told of the same kind.
    const twice = await world(father);
    const everything = `/Patient/${child}/$everything?_count=500`;
    const counted = (told: Record<string, any>, type: string) =>
      told[everything].types.filter((one: string) => one === type).length;
    // Each response of this form makes as many records, whether or not the private part was answered.
    for (const type of ['QuestionnaireResponse', 'Observation', 'Provenance'])
      expect([type, counted(twice, type) - counted(before, type)]).toEqual([
        type,
        counted(before, type) - counted(empty, type),
      ]);
    expect(counted(twice, 'Condition')).toBe(0);
    expect(twice[searches[2] ?? ''].total).toBe(0);
    for (const who of [father, mother]) {
      expect(await restricted(who)).toEqual([]);
      const text = JSON.stringify(
        await Promise.all(searches.map(async (query) => (await house.as(who, 'GET', query)).text)),
      );
      for (const word of [
        answers.apart.id,
        answers.concern.id,
        answers.total.id,
        '95614-4',
        '95618-5',
        'PARENTOWN',
        'SDV',
        'intimate',
      ])
        expect([who, word, text.includes(word) && word !== 'intimate']).toEqual([who, word, false]);
      for (const { resourceType, id } of Object.values(answers)) {
        const read = await house.as(who, 'GET', `/${resourceType}/${id}`);
        const never = await house.as(who, 'GET', `/${resourceType}/never-was`);
        expect([read.status, read.text]).toEqual([404, never.text]);
      }
      const needs = await house.as(who, 'GET', `/Patient/${child}/$needs`);
      expect(needs.json.parameter.filter(({ name }: any) => name === 'need')).toEqual([]);
      const log = await house.as(who, 'GET', `/Patient/${child}/$access-log`);
      expect(log.text).not.toContain(answers.apart.id);
    }
  });

  test('no print of the shared plan tells of it, not even one that staff make, and the parents’ ones are as if it were not there', async () => {
    const composed = await house.as(clinician, 'POST', `/Patient/${child}/$compose-shared-plan`);
    expect(composed.status).toBe(200);
    const total = answers.total.code.text ?? '95614-4';
    for (const who of [clinician, father, mother])
      for (const format of ['json', 'text/html']) {
        const headers = { Authorization: `Bearer ${who.replaceAll('/', '~')}` };
        const address = `${house.url}/fhir/CarePlan/${composed.json.id}/$document?_format=${format}`;
        const print = await fetch(address, { headers });
        const text = await print.text();
        if (who === clinician) expect([format, print.status]).toEqual([format, 200]);
        for (const word of [
          answers.apart.id,
          answers.concern.id,
          answers.total.id,
          '95614-4',
          'safety at home',
          `${total}: 20`,
        ])
          expect([who, format, word, text.includes(word)]).toEqual([who, format, word, false]);
      }
    expect((await house.as(father, 'GET', `/CarePlan/${composed.json.id}`)).text).not.toContain(answers.concern.id);
  });

  test('the next ones see no more than of a response without private answers', async () => {
    const open = await submit(mother, whole(safe));
    const plain = await submit(mother, whole(undefined));
    const shape = ({ json, status }: any) => [status, Object.keys(json).sort(), json.item.length];
    expect(shape(open)).toEqual(shape(plain));
  });

  test('a form that is private as a whole is received, and nothing of it told', async () => {
    const alone = {
      ...whole(undefined),
      questionnaire: `${base}/Questionnaire/caregiver-safety`,
      item: [safety(safe)],
    };
    const kept = await submit(mother, alone);
    expect(kept.status).toBe(200);
    expect(kept.json.resourceType).toBe('OperationOutcome');
    expect(kept.text).not.toContain('QuestionnaireResponse');
    expect((await restricted(clinician)).length).toBe(3);
  });

  test('what a hospital sends of this form without labels is hidden all the same', async () => {
    const { id: _, meta: __, ...sent } = answers.apart;
    const written = await house.store.transact({ kind: 'system', id: 'ehr', requestId: 'test' }, (tx) =>
      tx.create({ ...sent, meta: { source: 'urn:careweave:site:lakeside' } }),
    );
    if (!written.ok) throw new Error('refused');
    const path = `/QuestionnaireResponse/${written.value.stored.id}`;
    expect((await house.as(father, 'GET', path)).status).toBe(404);
    expect((await house.as(clinician, 'GET', path)).status).toBe(200);
    // Nor is it extracted: what a hospital sends is as it is.
    const made = await house.as(
      'system',
      'GET',
      `/Observation?derived-from=QuestionnaireResponse/${written.value.stored.id}`,
    );
    expect(made.json.entry ?? []).toEqual([]);
  });

  test('the labels stay when staff write the next version without them, and an extraction by hand has them', async () => {
    const { apart } = answers;
    const { meta: _, ...bare } = apart;
    const put = await house.as(clinician, 'PUT', `/QuestionnaireResponse/${apart.id}`, { ...bare, language: 'en' });
    expect([200, 422]).toContain(put.status);
    const [after] = (await restricted(clinician)).filter(({ id }: any) => id === apart.id);
    expect(after.meta.security.map(({ code }: any) => code)).toEqual(expect.arrayContaining(['PARENTOWN', 'SDV', 'R']));
    const bundle = await house.as(clinician, 'GET', `/QuestionnaireResponse/${apart.id}/$extract`);
    expect(bundle.status).toBe(200);
    for (const { resource } of bundle.json.entry)
      expect(resource.meta.security.map(({ code }: any) => code)).toEqual(
        expect.arrayContaining(['PARENTOWN', 'SDV', 'R']),
      );
    expect((await house.as(father, 'GET', `/QuestionnaireResponse/${apart.id}/$extract`)).status).toBe(404);
  });
});
