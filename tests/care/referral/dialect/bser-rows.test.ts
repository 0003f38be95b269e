import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { statusFor } from '../../../../src/care/referral/canonical-state.ts';
import { tell } from '../../../../src/care/referral/dialect/tell.ts';
import { moves } from '../../../../src/care/referral/moves.ts';
import { openTestHouse, type TestHouse } from '../../../support/house.ts';
import { type Caller, caller, textOf } from '../support/partners.ts';

const asks = 'Organization/clinic';
const does = 'Organization/pantry';
let house: TestHouse;
let requester: Caller;
let performer: Caller;
let clinic: Caller;

beforeAll(async () => {
  house = await openTestHouse();
  requester = await caller(house, 'clinic by BSeR', { speaks: 'bser', actsFor: [asks] });
  performer = await caller(house, 'pantry by BSeR', { speaks: 'bser', actsFor: [does] });
  clinic = await caller(house, 'registry');
  const put = (resource: any) => clinic.send('PUT', `/${resource.resourceType}/${resource.id}`, resource);
  await put({ resourceType: 'Patient', id: 'robin', name: [{ family: 'Example', given: ['Robin'] }] });
  for (const id of ['clinic', 'pantry']) await put({ resourceType: 'Organization', id, name: `Invented ${id}` });
}, 60_000);
afterAll(() => house.shut());

const subject = { reference: 'Patient/robin' };
const referral = (id: string, words: object) => ({
  ...{ resourceType: 'Task', id, intent: 'order', for: subject, focus: { reference: `ServiceRequest/${id}` } },
  code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] },
  ...{ requester: { reference: asks }, owner: { reference: does }, authoredOn: '2026-11-02' },
  statusReason: { text: 'As an example' },
  ...words,
});

const rows = moves.flatMap((move) => (move.row === undefined ? [] : [{ ...move, row: move.row }]));

test.each(rows)('D9 BSeR row $row: $from to $to by the $by, through the API', async ({ row, from, to, by }) => {
  const id = `row-${row}`;
  const kept = (state: typeof from) => referral(id, statusFor(state));
  const said = tell('bser', kept(to));
  const request = { resourceType: 'ServiceRequest', id, status: 'active', intent: 'order', subject };
  expect((await clinic.send('PUT', `/ServiceRequest/${id}`, request)).status).toBe(201);
  expect((await clinic.send('PUT', `/Task/${id}`, kept(from))).status).toBe(201);
  const [right, wrong] = by === 'requester' ? [requester, performer] : [performer, requester];
  // To stay where it is, is no move.
  if (from !== to) {
    const refused = await wrong.send('PUT', `/Task/${id}`, said);
    expect(refused.status).toBe(422);
    const other = by === 'requester' ? 'performer' : 'requester';
    expect(textOf(refused)).toContain(`that is ${from} does not become ${to} by its ${other}`);
    expect(textOf(refused)).toContain(`That is for its ${by}`);
  }
  const done = await right.send('PUT', `/Task/${id}`, said);
  expect([done.status, textOf(done)]).toEqual([200, '']);
  expect(done.json).toMatchObject({ status: said.status });
  expect(await right.read(`Task/${id}`)).toMatchObject({ status: said.status });
  expect(await clinic.read(`Task/${id}`)).toMatchObject(statusFor(to));
});

test('D9 BSeR: a requester that cancels what was sent asks for it (row 04), and the performer confirms (row 23)', async () => {
  const id = 'cancelled';
  const request = { resourceType: 'ServiceRequest', id, status: 'active', intent: 'order', subject };
  await clinic.send('PUT', `/ServiceRequest/${id}`, request);
  await clinic.send('PUT', `/Task/${id}`, referral(id, statusFor('sent')));
  const cancelled = tell('bser', referral(id, statusFor('cancelled')));
  // Nor does plain FHIR cancel what a BSeR partner was asked: its row 04 is the only one from there.
  const plain = await clinic.send('PUT', `/Task/${id}`, referral(id, statusFor('cancelled')));
  expect([plain.status, textOf(plain)]).toEqual([422, expect.stringMatching(/Ask for cancellation \(5\.2\)/)]);
  const asked = await requester.send('PUT', `/Task/${id}`, cancelled);
  expect(asked.json).toMatchObject({ status: 'in-progress', businessStatus: { coding: [{ code: '5.2' }] } });
  expect(await clinic.read(`Task/${id}`)).toMatchObject(statusFor('cancel-requested'));
  expect((await performer.send('PUT', `/Task/${id}`, cancelled)).status).toBe(200);
  expect(await clinic.read(`Task/${id}`)).toMatchObject(statusFor('cancelled'));
  const { json } = await performer.send('GET', `/Task/${id}/_history`);
  const told = json.entry.map(({ resource }: any) => resource.businessStatus.coding[0].code).reverse();
  expect(told).toEqual(['2.0', '5.2', '6.0']);
});

test('D9 a partner that a referral does not name moves nothing in it', async () => {
  const stranger = await caller(house, 'somebody else', { speaks: 'fhir', actsFor: ['Organization/other'] });
  const id = 'foreign';
  await clinic.send('PUT', `/ServiceRequest/${id}`, {
    ...{ resourceType: 'ServiceRequest', id, status: 'active', intent: 'order', subject },
  });
  await clinic.send('PUT', `/Task/${id}`, referral(id, statusFor('sent')));
  const refused = await stranger.send('PUT', `/Task/${id}`, referral(id, statusFor('accepted')));
  expect([refused.status, textOf(refused)]).toEqual([422, expect.stringMatching(/by somebody whom it does not name/)]);
});
