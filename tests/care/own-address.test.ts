import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Family, openFamily } from './proposal/support/family.ts';

/** Who names our records by their address means the same records: no rule of care is gone around by it. */
let at: Family;
let base: string;
beforeAll(async () => {
  at = await openFamily();
  base = `${at.house.url}/fhir`;
}, 60_000);
afterAll(() => at?.house.shut());

const category = [
  { coding: [{ system: 'http://careweave.org/fhir/CodeSystem/careplan-category', code: 'shared-plan-of-care' }] },
];
const secondPlan = (subject: string) => ({
  ...{ resourceType: 'CarePlan', status: 'active', intent: 'plan', category },
  subject: { reference: subject },
});
const task = (more: object = {}) => ({
  ...{ resourceType: 'Task', status: 'requested', intent: 'order', description: 'Call the school.' },
  for: { reference: `${base}/${at.child}` },
  owner: { reference: `${base}/${at.doctor}` },
  ...more,
});
const asChild = { for: { reference: expect.stringMatching(/^Patient\//) } };

test('a second active plan is refused, however its child is named', async () => {
  for (const subject of [at.child, `${base}/${at.child}`]) {
    const posted = await at.house.as(at.lead, 'POST', '/CarePlan', secondPlan(subject));
    expect([subject, posted.status]).toEqual([subject, 422]);
    const entry = [{ resource: secondPlan(subject), request: { method: 'POST', url: 'CarePlan' } }];
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
    expect((await at.house.as(at.lead, 'POST', '/', bundle)).status).toBe(422);
  }
});

test('created, updated, patched or in a transaction: kept by its id', async () => {
  const made = await at.house.as(at.lead, 'POST', '/Task', task());
  expect(made.json).toMatchObject({ for: { reference: at.child }, owner: { reference: at.doctor } });
  const address = `/Task/${made.json.id}`;
  const same = await at.house.as(at.lead, 'PUT', address, task({ id: made.json.id }));
  expect([same.status, same.json.meta.versionId]).toEqual([200, '1']);
  const patch = [{ op: 'replace', path: '/owner/reference', value: `${base}/${at.lead}` }];
  const type = { 'Content-Type': 'application/json-patch+json' };
  const patched = await at.house.as(at.lead, 'PATCH', address, patch, type);
  expect(patched.json).toMatchObject({ owner: { reference: at.lead } });
  const entry = [{ resource: task(), request: { method: 'POST', url: 'Task' } }];
  const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
  const sent = await at.house.as(at.lead, 'POST', '/', bundle);
  expect(sent.status).toBe(200);
  const [, kept = ''] = /(\/Task\/[^/]+)\/_history/.exec(sent.json.entry[0].response.location) ?? [];
  expect((await at.house.as(at.lead, 'GET', kept)).json).toMatchObject({ ...asChild, owner: { reference: at.doctor } });
});

test('found by its address and by its id, as before', async () => {
  await at.house.as(at.lead, 'POST', '/Task', task({ description: 'Ask for the report.' }));
  const totals = [];
  for (const patient of [at.child, `${base}/${at.child}`]) {
    const found = await at.house.as(at.lead, 'GET', `/Task?_summary=count&patient=${encodeURIComponent(patient)}`);
    totals.push(found.json.total);
  }
  expect(totals[0]).toBeGreaterThan(0);
  expect(totals[1]).toBe(totals[0]);
});

test('the records of another server keep their address', async () => {
  const elsewhere = 'https://elsewhere.example/fhir/Practitioner/1';
  const made = await at.house.as(at.lead, 'POST', '/Task', task({ requester: { reference: elsewhere } }));
  expect(made.json).toMatchObject({ requester: { reference: elsewhere }, for: { reference: at.child } });
});
