import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { addFamily, type Family, openFamily } from '../proposal/support/family.ts';
import { text } from '../referral/support/referred.ts';

/** What stands in a plan is there. */
let at: Family;
let other: Omit<Family, 'house'>;
beforeAll(async () => {
  at = await openFamily();
  other = await addFamily(at.house);
}, 60_000);
afterAll(() => at?.house.shut());

const request = (child: string, more: object = {}) => ({
  ...{ resourceType: 'ServiceRequest', status: 'active', intent: 'order', code: { text: 'Speech therapy' } },
  subject: { reference: child },
  ...more,
});
const make = async (resource: any): Promise<string> => {
  const made = await at.house.as('system', 'POST', `/${resource.resourceType}`, resource);
  expect([made.status, text(made)]).toEqual([201, '']);
  return `${resource.resourceType}/${made.json.id}`;
};
const put = async (more: (plan: any) => object) => {
  const plan = await at.read(at.plan);
  return at.house.as(at.lead, 'PUT', `/${at.plan}`, { ...plan, ...more(plan) });
};
const withLine = (reference: string) =>
  put(({ activity = [] }) => ({ activity: [...activity, { reference: { reference } }] }));
const sameWords = [422, 'plan-lines-here: A line of a plan is a record of the same child that is kept here.'];

test('one that never was, one of another child and one that is hidden are refused in the same words', async () => {
  const child = { reference: other.child };
  const appointment = { actor: child, status: 'accepted' };
  const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'V' }];
  const hidden = await make(request(at.child, { meta: { security } }));
  expect((await at.house.as(at.lead, 'GET', `/${hidden}`)).status).toBe(404);
  const deleted = await make(request(at.child));
  await at.house.as('system', 'DELETE', `/${deleted}`);
  const wrong = [
    'ServiceRequest/never-was',
    await make(request(other.child)),
    `${at.house.url}/fhir/${await make(request(other.child))}`,
    await make({
      resourceType: 'NutritionOrder',
      status: 'active',
      intent: 'order',
      patient: child,
      dateTime: '2026-11-20',
    }),
    await make({
      resourceType: 'Appointment',
      status: 'booked',
      participant: [appointment],
      start: '2026-12-01T09:00:00Z',
      end: '2026-12-01T09:30:00Z',
    }),
    hidden,
    deleted,
  ];
  for (const reference of wrong) {
    const answer = await withLine(reference);
    expect([reference, answer.status, text(answer)]).toEqual([reference, ...sameWords]);
    expect(answer.json.issue[0].expression).toEqual(['CarePlan.activity[0].reference']);
  }
  const goals = await put(({ goal }) => ({ goal: [...goal, { reference: other.goal }] }));
  expect([goals.status, text(goals), goals.json.issue[0].expression]).toEqual([...sameWords, ['CarePlan.goal[1]']]);
  const addresses = [{ reference: 'Condition/never-was' }];
  const problem = await put(() => ({ addresses }));
  expect([problem.status, text(problem)]).toEqual(sameWords);
  expect((await at.read(at.plan)).activity).toBeUndefined();
});

test('by a patch and in a transaction as well; and what comes with the plan is there', async () => {
  const patch = [{ op: 'add', path: '/activity', value: [{ reference: { reference: 'Task/never-was' } }] }];
  const type = { 'Content-Type': 'application/json-patch+json' };
  const patched = await at.house.as(at.lead, 'PATCH', `/${at.plan}`, patch, type);
  expect([patched.status, text(patched)]).toEqual(sameWords);
  const plan = await at.read(at.plan);
  const fullUrl = 'urn:uuid:4be1ba7e-6b0b-4f4a-9d53-5f1dbf2f8a11';
  const entry = (child: string) => [
    { fullUrl, resource: request(child), request: { method: 'POST', url: 'ServiceRequest' } },
    {
      resource: { ...plan, activity: [{ reference: { reference: fullUrl } }] },
      request: { method: 'PUT', url: at.plan },
    },
  ];
  const bundle = (child: string) => ({ resourceType: 'Bundle', type: 'transaction', entry: entry(child) });
  const wrong = await at.house.as(at.lead, 'POST', '', bundle(other.child));
  expect(wrong.status).toBe(422);
  const right = await at.house.as(at.lead, 'POST', '', bundle(at.child));
  expect([right.status, text(right)]).toEqual([200, '']);
  expect((await at.read(at.plan)).activity).toHaveLength(1);
});

test('a line whose record was deleted since, or that another server keeps, keeps nobody from changing the plan', async () => {
  const line = await make(request(at.child));
  expect((await withLine(line)).status).toBe(200);
  await at.house.as('system', 'DELETE', `/${line}`);
  const told = await put(() => ({ description: 'Seen together with the school.' }));
  expect([told.status, text(told)]).toEqual([200, '']);
  const elsewhere = await withLine('https://elsewhere.example/fhir/ServiceRequest/1');
  expect([elsewhere.status, text(elsewhere)]).toEqual([200, '']);
});
