import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Family, goalOf, openFamily } from '../proposal/support/family.ts';
import { text } from '../referral/support/referred.ts';

let at: Family;
beforeAll(async () => {
  at = await openFamily();
}, 60_000);
afterAll(() => at?.house.shut());

const said = (by: string) => goalOf(at.child, 'Swim with his cousins', { expressedBy: { reference: by } });
const post = (by: string, who = at.lead) => at.house.as(who, 'POST', '/Goal', said(by));

describe('goal-speaker', () => {
  test('D7 PP-51 somebody of another child and somebody who never was are refused in the same words', async () => {
    const answers = [
      await post(at.stranger),
      await post('RelatedPerson/never-was'),
      await post(`${at.child}-other`),
      await post(`${at.stranger}/_history/1`),
    ];
    expect(answers.map((one) => [one.status, text(one)])).toEqual(
      answers.map(() => [422, expect.stringMatching(/^goal-speaker: Whoever said a goal is the child/)]),
    );
  });

  test('D7 the child, its mother and a clinician may have said it', async () => {
    for (const by of [at.child, at.mother, at.doctor]) expect((await post(by)).status).toBe(201);
  });

  test('D7 what a machine tells of elsewhere, and a goal that is there already, stay as they are', async () => {
    const told = await post('RelatedPerson/never-was', 'system');
    expect(told.status).toBe(201);
    const note = [{ text: 'Asked again' }];
    const { status } = await at.house.as(at.lead, 'PUT', `/Goal/${told.json.id}`, { ...told.json, note });
    expect(status).toBe(200);
  });
});
