import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/base/clock.ts';
import { createCare } from '../../../src/care/care.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import * as a from '../support/child.ts';

const { checks } = createCare({ clock: systemClock }).module;
let at: TestStore;
beforeAll(async () => {
  at = await createTestStore({ checks });
});
afterAll(() => at.drop());

const usCore = 'http://hl7.org/fhir/us/core/CodeSystem/us-core-category';
const verified = (code: string) => ({ verificationStatus: { coding: [{ code }] } });
const categories = (...codes: string[]) => ({
  category: [{ coding: [{ system: usCore, code: 'sdoh' }] }, ...codes.map((code) => ({ coding: [{ code }] }))],
});
const screened = { evidence: [{ detail: [{ reference: 'QuestionnaireResponse/1' }] }] };
const social = { code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'Z59.41' }] } };
const diagnosis = { category: [{ coding: [{ code: 'encounter-diagnosis' }] }] };
const asserter = { asserter: { reference: 'Practitioner/1' } };
const food = (id: string, ...more: object[]) => a.condition(id, '733423003', Object.assign({}, ...more));
const here = (resource: ReturnType<typeof food>) => a.tryPut(at.store, a.coordinator, resource);

describe('social-need-not-a-diagnosis', () => {
  test.each([
    [
      'a screening result written as confirmed',
      [categories('health-concern'), verified('confirmed'), screened, asserter],
    ],
    ['an unconfirmed need on the problem list', [categories('problem-list-item'), verified('unconfirmed')]],
    ['an unconfirmed need as a diagnosis of an encounter', [categories('encounter-diagnosis')]],
    [
      'two codes that contradict each other',
      [
        categories('health-concern'),
        { verificationStatus: { coding: [{ code: 'unconfirmed' }, { code: 'confirmed' }] } },
        screened,
      ],
    ],
    ['one that was confirmed by nobody', [categories('health-concern'), verified('confirmed')]],
    [
      'a screening result by the address of it',
      [
        categories('health-concern'),
        verified('confirmed'),
        asserter,
        { evidence: [{ detail: [{ reference: 'http://example.org/fhir/QuestionnaireResponse/1/_history/2' }] }] },
      ],
    ],
    ['a screening result without the category of social needs', [social, verified('confirmed'), screened, asserter]],
    ['a screening result as a diagnosis without that category', [social, diagnosis, screened]],
  ])('refuses %s', async (_, more) => {
    expect(a.refusedBy(await here(food('refused', ...more)))).toBe('social-need-not-a-diagnosis');
  });

  test('lets a named person confirm it after a talk, and nobody else', async () => {
    const concern = [categories('health-concern'), screened];
    expect((await here(food('need', ...concern, verified('unconfirmed')))).ok).toBe(true);
    expect(a.refusedBy(await here(food('need', ...concern, verified('confirmed'))))).toBe(
      'social-need-not-a-diagnosis',
    );
    const confirmed = [categories('problem-list-item'), screened, verified('confirmed'), asserter];
    expect((await here(food('need', ...confirmed))).ok).toBe(true);
  });

  test('says nothing about other conditions', async () => {
    const asthma = a.condition('asthma', '195967001', { category: [{ coding: [{ code: 'encounter-diagnosis' }] }] });
    expect((await here(asthma)).ok).toBe(true);
  });
});
