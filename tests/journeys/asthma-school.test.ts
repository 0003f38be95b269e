import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openPrivacyHouse, type PrivacyHouse } from '../access/support/privacy-house.ts';
import { child, doctor, mother, nurse, school, share, welcome } from './support/asthma-child.ts';

/**
 * Asthma and school: the clinic and the family make an asthma plan for school, part of the shared plan; the family lets the school be told; the
 * school nurse takes the task on, sees the school plan and nothing else, and no longer does when her task is done. In order, through the API.
 */
let house: PrivacyHouse;
let plan: string;
const task = 'Task/journey-inhaler';

beforeAll(async () => {
  house = await openPrivacyHouse();
  await welcome(house);
}, 60_000);
afterAll(() => house.shut());

const get = (who: string, path: string) => house.as(who, 'GET', `/${path}`);
const put = (who: string, resource: any) => house.as(who, 'PUT', `/${resource.resourceType}/${resource.id}`, resource);
const category = (code: string) => [
  { coding: [{ system: 'http://careweave.org/fhir/CodeSystem/careplan-category', code }] },
];
const seenBy = async (who: string) => {
  const types = 'Patient,Task,ServiceRequest,Condition,AllergyIntolerance,CarePlan,CareTeam,Goal,Consent,Communication';
  const { json } = await get(who, `?_type=${types}&_count=100`);
  const names = (json.entry ?? []).map(({ resource }: any) => `${resource.resourceType}/${resource.id}`);
  return names.filter((one: string) => !one.includes('pv-school-day')).sort();
};

test('the clinic writes the asthma action plan as the school’s part of the shared plan, with the inhaler and a task for the school', async () => {
  const composed = await house.as('system', 'POST', `/${child}/$compose-shared-plan`, { resourceType: 'Parameters' });
  expect([composed.status, composed.text]).toEqual([200, expect.anything()]);
  plan = `CarePlan/${composed.json.id}`;
  const medicine = {
    resourceType: 'ServiceRequest',
    id: 'journey-controller',
    status: 'active',
    intent: 'order',
    code: { text: 'Controller inhaler at home, every morning' },
    subject: { reference: child },
    requester: { reference: doctor },
  };
  expect((await put(doctor, medicine)).status).toBeLessThan(500);
  expect((await put('system', medicine)).status).toBeLessThan(300);
  const schoolPlan = {
    resourceType: 'CarePlan',
    id: 'journey-school-plan',
    status: 'active',
    intent: 'plan',
    category: category('school'),
    title: 'Asthma at school',
    description:
      'Green: play. Yellow: two puffs of the blue inhaler with the spacer, rest. Red: two puffs, call 911, call home.',
    subject: { reference: child },
    partOf: [{ reference: plan }],
    activity: [{ reference: { reference: 'ServiceRequest/journey-controller' } }],
  };
  const made = await put('system', schoolPlan);
  expect([made.status, made.text]).toEqual([201, expect.anything()]);
});

test('S2.17 without the family’s leave the school is asked for nothing, and the nurse sees nothing', async () => {
  const refused = await put('system', errand());
  expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('The family has not allowed')]);
  expect(await seenBy(nurse)).toEqual([]);
});

test('the mother lets the school be told until the end of the school year', async () => {
  expect((await share(house, school)).status).toBe(200);
  expect((await put('system', errand())).status).toBe(201);
});

test('S2.9 the school nurse sees the school plan and nothing else of the child', async () => {
  expect(await seenBy(nurse)).toEqual(
    ['AllergyIntolerance/journey-allergy', 'CarePlan/journey-school-plan', child, task].sort(),
  );
  const { json, text } = await get(nurse, 'CarePlan/journey-school-plan');
  expect(json.description).toMatch(/two puffs/);
  // What else the plan leads to is not told: neither the medicine at home nor the whole of which it is a part.
  expect([json.activity, json.partOf]).toEqual([undefined, undefined]);
  expect(text).not.toMatch(/journey-controller|Controller/);
  for (const path of [plan, 'Condition/journey-asthma', `${plan}/$document`, `${child}/$sharing`])
    expect((await get(nurse, path)).status).toBeGreaterThanOrEqual(400);
});

test('S1.10 she takes the task on, and the school joins the care team; done, it leaves, and the nurse sees nothing any more', async () => {
  const told = (await get(nurse, task)).json;
  expect((await put(nurse, { ...told, status: 'accepted' })).status).toBe(200);
  const members = async () => {
    const { json } = await get('system', `CareTeam?patient=${child}`);
    return (json.entry ?? []).flatMap(({ resource }: any) =>
      resource.participant.filter(({ member }: any) => member.reference === school),
    );
  };
  expect(await members()).toEqual([expect.objectContaining({ period: { start: expect.anything() } })]);
  const note = [{ text: 'The inhaler is in the nurse’s drawer, the second one with the teacher.' }];
  expect((await put(nurse, { ...told, status: 'completed', note })).status).toBe(200);
  expect(await members()).toEqual([
    expect.objectContaining({ period: expect.objectContaining({ end: expect.anything() }) }),
  ]);
  expect(await seenBy(nurse)).toEqual([]);
  expect((await get('system', task)).json).toMatchObject({ status: 'completed', note });
  // The mother has owned none of it, and sees it: it was shared with the family.
  expect((await get(mother, task)).json).toMatchObject({ status: 'completed', note });
});

function errand() {
  return {
    resourceType: 'Task',
    id: 'journey-inhaler',
    meta: { tag: [{ system: 'http://careweave.org/fhir/CodeSystem/sharing', code: 'family-shared' }] },
    status: 'requested',
    intent: 'order',
    description: 'Keep an inhaler and a spacer where Wren can reach them',
    for: { reference: child },
    requester: { reference: doctor },
    owner: { reference: school },
  };
}
