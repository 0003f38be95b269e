import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPrivacyHouse, type PrivacyHouse } from '../support/privacy-house.ts';

let house: PrivacyHouse;
const father = 'RelatedPerson/pv-turning-twelve-father';
const doctor = 'Practitioner/pv-doctor';
const child = 'Patient/pv-turning-twelve';
const shared = { tag: [{ system: 'http://careweave.org/fhir/CodeSystem/sharing', code: 'family-shared' }] };
const depression = { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'F32.9' }] };

const put = async (resource: Record<string, unknown>) => {
  const { status, text } = await house.as('system', 'PUT', `/${resource.resourceType}/${resource.id}`, resource);
  expect([text, status]).toEqual([text, 201]);
};
const plan = (id: string, more: object) =>
  put({
    resourceType: 'CarePlan',
    id,
    meta: shared,
    status: 'active',
    intent: 'plan',
    subject: { reference: child },
    ...more,
  });

beforeAll(async () => {
  house = await openPrivacyHouse();
  await house.load('turning-twelve', 'confidential-visit');
  // The day after the twelfth birthday.
  house.at('2026-11-25T12:00:00-05:00');
  await put({
    resourceType: 'Condition',
    id: 'low-mood',
    subject: { reference: child },
    code: depression,
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    },
  });
  await plan('told', {
    title: 'Asthma, and low mood',
    description: 'Says what the clinic talks about with the child alone.',
    note: [{ text: 'Talked about home.' }],
    addresses: [{ reference: 'Condition/low-mood', display: 'Low mood' }],
    goal: [{ reference: 'Goal/pv-turning-twelve-shared-goal' }, { reference: 'Goal/pv-turning-twelve-own-goal' }],
    activity: [
      { detail: { status: 'in-progress', description: 'Swims twice a week' } },
      {
        detail: { status: 'in-progress', reasonReference: [{ reference: 'Condition/low-mood' }], description: 'Talks' },
      },
    ],
  });
  // Nobody has labelled it: the rules about codes say what it is.
  await plan('unlabelled', { activity: [{ detail: { status: 'in-progress', reasonCode: [depression] } }] });
  await plan('not-shared', { meta: undefined, title: 'Not yet shared' });
}, 60_000);
afterAll(() => house.shut());

const preview = (who: string, id: string, viewer: string) =>
  house.as(who, 'GET', `/CarePlan/${id}/$family-preview?viewer=${viewer}`);

describe('a clinician looks at a plan as a family is told it', () => {
  test('PP-47 it is nothing for families, partners and machines, and learns nothing of who is hidden', async () => {
    for (const who of [father, child, 'system', 'RelatedPerson/pv-turning-twelve-mother'])
      expect([who, (await preview(who, 'told', father)).status]).toEqual([who, 404]);
    const unknown = await preview(doctor, 'told', 'RelatedPerson/no-such');
    expect(unknown.status).toBe(404);
    expect((await preview(doctor, 'no-such', father)).status).toBe(404);
    for (const viewer of ['', 'Practitioner/pv-doctor', 'RelatedPerson', 'RelatedPerson/a/b'])
      expect([viewer, (await preview(doctor, 'told', viewer)).status]).toEqual([viewer, 400]);
    // A proxy of another child is told nothing of this one's plan.
    const stranger = await preview(doctor, 'told', 'RelatedPerson/pv-confidential-visit-mother');
    expect([stranger.status, stranger.json.entry]).toEqual([200, undefined]);
  });

  test('PP-47 what is sensitive without a label, and what is not shared, is told to nobody, and the preview is empty', async () => {
    for (const id of ['unlabelled', 'not-shared']) {
      expect([id, (await house.as(father, 'GET', `/CarePlan/${id}`)).status]).toEqual([id, 404]);
      const seen = await preview(doctor, id, father);
      expect([id, seen.status, seen.json.entry]).toEqual([id, 200, undefined]);
    }
  });

  test('PP-47 it shows to the letter what the parent is told: without hidden goals, activities, reasons, and words about them', async () => {
    const seen = await preview(doctor, 'told', father);
    expect(seen.status).toBe(200);
    const told = (await house.as(father, 'GET', '/CarePlan/told')).json;
    const goal = (await house.as(father, 'GET', '/Goal/pv-turning-twelve-shared-goal')).json;
    expect(seen.json.entry.map(({ resource }: any) => resource)).toEqual([told, goal]);
    expect(told.activity).toHaveLength(1);
    expect(told.addresses).toBeUndefined();
    expect(seen.text).not.toMatch(/mood|alone|home|Talks|own-goal|SUBSETTED/);
    // The clinician's own answer has all of it.
    expect((await house.as(doctor, 'GET', '/CarePlan/told')).json.activity).toHaveLength(2);
    // Before the birthday the parent was told more; the preview follows the same clock.
    house.at('2026-11-23T12:00:00-05:00');
    expect((await preview(doctor, 'told', father)).text).toContain('Asthma, and low mood');
    house.at('2026-11-25T12:00:00-05:00');
  });
});
