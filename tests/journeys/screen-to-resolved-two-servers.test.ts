import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { backendToken } from '../../scripts/bench/backend-token.ts';
import { statusFor } from '../../src/care/referral/canonical-state.ts';
import { gravityTask } from '../../src/care/referral/dialect/tell.ts';
import type { PrivacyHouse } from '../access/support/privacy-house.ts';
import { food, never, often } from '../care/screening/support.ts';
import { child, childRef, clinician as coordinator, mother, openTwoParents } from '../care/screening/two-parents.ts';
import { openTestHouse, type TestHouse } from '../support/house.ts';

/**
 * From a screening to a need that is met, over two servers: the clinic's, and that of the office that was asked, which polls, keeps its own copy of what it is
 * told, works there in its own words (Gravity), and brings back where it stands. Everybody through the public API, the office by Backend Services.
 */
let ours: PrivacyHouse;
let theirs: TestHouse;
let client = '';
let now = '2026-03-02T15:00:00Z';
let concernId = '';
let requestId = '';
let taskId = '';

const concept = (system: string, code: string) => ({ coding: [{ system, code }] });
const wic = { reference: 'Organization/wic' };
const clinic = { reference: 'Organization/clinic' };
const scopes = 'system/Task.rus system/ServiceRequest.rs system/Patient.rs';
const own = (code: string) => concept('http://careweave.org/fhir/CodeSystem/referral-status', code);
const ok = (answer: { status: number; text: string }, status = 200) =>
  expect([answer.status, answer.text]).toEqual([status, answer.text]);
const here = async (who: string, path: string) => (await ours.as(who, 'GET', path)).json;
const list = ({ entry = [] }: any): any[] => entry.map(({ resource }: any) => resource);

/** The office's system asks our server, with a token of its own that is fresh. */
async function poll(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; json: any; text: string }> {
  const token = await backendToken(ours.url, client, scopes, new Date(now));
  const answer = await fetch(`${ours.url}/fhir${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/fhir+json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, text, json: JSON.parse(text) };
}
const at = (instant: string) => {
  now = instant;
  ours.at(instant);
};
/** On its own server the office says where the referral stands, and then brings its copy back to ours. */
async function works(more: object): Promise<void> {
  const copy = (await theirs.fhir('GET', `/Task/${taskId}`)).json;
  const { meta: _theirs, businessStatus: _was, ...kept } = copy;
  ok(await theirs.fhir('PUT', `/Task/${taskId}`, { ...kept, ...more }));
  const { meta: _meta, ...said } = (await theirs.fhir('GET', `/Task/${taskId}`)).json;
  ok(await poll('PUT', `/Task/${taskId}`, said));
}
async function need(): Promise<Record<string, any>> {
  const { parameter } = await here(coordinator, `/Patient/${child}/$needs`);
  const [one, ...more] = parameter.filter(({ name }: any) => name === 'need');
  expect(more).toEqual([]);
  return Object.fromEntries(one.part.map(({ name, ...value }: any) => [name, Object.values(value)[0]]));
}

beforeAll(async () => {
  [ours, theirs] = await Promise.all([openTwoParents(now), openTestHouse()]);
  const signer = (party: object) => ({
    type: { system: 'http://terminology.hl7.org/CodeSystem/contractsignertypecodes', code: 'COVPTY' },
    party,
    signature: [
      {
        type: [{ system: 'urn:iso-astm:E1762-95:2013', code: '1.2.840.10065.1.12.1.1' }],
        when: '2026-01-01T12:00:00Z',
        who: party,
      },
    ],
  });
  const kind = concept('http://careweave.org/fhir/CodeSystem/partner-kind', 'community-organization');
  const resources = [
    { resourceType: 'Organization', id: 'clinic', active: true, name: 'Example Clinic' },
    { resourceType: 'Organization', id: 'wic', active: true, type: [kind], name: 'Example WIC office' },
    {
      resourceType: 'PractitionerRole',
      id: 'clinic-role',
      active: true,
      practitioner: { reference: coordinator },
      organization: clinic,
    },
    {
      resourceType: 'Contract',
      id: 'wic-agreement',
      status: 'executed',
      type: concept('http://careweave.org/fhir/CodeSystem/agreement', 'data-sharing'),
      applies: { start: '2026-01-01', end: '2027-12-31' },
      signer: [signer(clinic), signer(wic)],
    },
  ];
  const entry = resources.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  ok(await ours.as('system', 'POST', '', { resourceType: 'Bundle', type: 'transaction', entry }));
  client = await ours.command('client', 'add', '--name', 'WIC office', '--scopes', scopes);
  const { client_id: id } = JSON.parse(client);
  await ours.command('partner', 'client', 'add', id, wic.reference);
  await ours.command('referral', 'partner', 'set', id, '--dialect', 'gravity', '--acts-for', wic.reference);
  ours.access.forget();
}, 90_000);
afterAll(() => Promise.all([ours?.shut(), theirs?.shut()]));

test('S4.3 a positive screening makes an unconfirmed concern, no diagnosis', async () => {
  const answered = food(often, often, { subject: childRef, authored: now });
  ok(
    await ours.as(mother, 'POST', '/QuestionnaireResponse/$submit', {
      resourceType: 'Parameters',
      parameter: [{ name: 'resource', resource: answered }],
    }),
  );
  const [concern, ...more] = list(await here(coordinator, `/Condition?patient=${child}&category=sdoh`));
  expect([concern.verificationStatus.coding[0].code, more]).toEqual(['unconfirmed', []]);
  concernId = concern.id;
  expect(await need()).toMatchObject({ state: 'open', stage: 'positive', confirmed: false });
});

test('S4.3 after the talk there is a goal for it, and a request that goes to the office with the mother’s leave', async () => {
  const concern = await here(coordinator, `/Condition/${concernId}`);
  const verificationStatus = concept('http://terminology.hl7.org/CodeSystem/condition-ver-status', 'confirmed');
  ok(
    await ours.as(coordinator, 'PUT', `/Condition/${concernId}`, {
      ...concern,
      verificationStatus,
      asserter: { reference: mother },
    }),
  );
  const goal = await ours.as(coordinator, 'POST', '/Goal', {
    resourceType: 'Goal',
    lifecycleStatus: 'active',
    description: { text: 'Que la comida alcance hasta el fin de mes' },
    subject: childRef,
    addresses: [{ reference: `Condition/${concernId}` }],
  });
  ok(goal, 201);
  const organization = { name: 'organization', valueString: wic.reference };
  const asked = await ours.as(mother, 'POST', `/Patient/${child}/$share`, {
    resourceType: 'Parameters',
    parameter: [organization, { name: 'understood', valueBoolean: true }, { name: 'until', valueDate: '2026-12-31' }],
  });
  ok(asked);
  const request = await ours.as(coordinator, 'POST', '/ServiceRequest', {
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    category: [concept('http://hl7.org/fhir/us/core/CodeSystem/us-core-category', 'sdoh')],
    code: { text: 'Enrollment in WIC' },
    subject: childRef,
    requester: { reference: coordinator },
    performer: [wic],
    reasonReference: [{ reference: `Condition/${concernId}` }],
  });
  ok(request, 201);
  requestId = request.json.id;
  const sent = await ours.as(coordinator, 'POST', `/ServiceRequest/${requestId}/$send`, {
    resourceType: 'Parameters',
    parameter: [{ name: 'owner', valueReference: wic }],
  });
  ok(sent);
  taskId = sent.json.parameter[0].resource.id;
  expect(await need()).toMatchObject({ stage: 'referred', confirmed: true });
});

test('S4.3 the office’s server finds it by polling, takes a copy of what it is told, and no more', async () => {
  at('2026-03-03T15:00:00Z');
  const found = await poll('GET', `/Task?owner=${wic.reference}&status=requested`);
  const [task, ...more] = list(found.json);
  expect([task.id, task.meta.profile, more]).toEqual([taskId, [gravityTask], []]);
  const copies = [
    await poll('GET', `/Patient/${child}`),
    await poll('GET', `/ServiceRequest/${requestId}`),
    { json: task },
    // Their system knows Gravity's words, and none of ours.
  ].map(({ json: { meta: _meta, businessStatus: _ours, ...copy } }) => copy);
  expect(copies[1].reasonReference).toBeUndefined();
  expect((await poll('GET', `/Condition/${concernId}`)).status).toBeGreaterThanOrEqual(403);
  for (const copy of copies) ok(await theirs.fhir('PUT', `/${copy.resourceType}/${copy.id}`, copy), 201);
});

test('S4.3 accepted, a day for the visit, served: each said on its server and heard on ours', async () => {
  await works({ status: 'accepted' });
  expect(await need()).toMatchObject({ state: 'open', stage: 'accepted' });
  at('2026-03-04T15:00:00Z');
  const executionPeriod = { start: '2026-03-10T14:00:00Z' };
  await works({ status: 'in-progress', executionPeriod });
  expect(await here(coordinator, `/Task/${taskId}`)).toMatchObject({ ...statusFor('scheduled'), executionPeriod });
  at('2026-03-10T16:00:00Z');
  await works({
    status: 'completed',
    output: [{ type: { text: 'Enrollment' }, valueString: 'Enrolled since 10 March' }],
  });
  expect(await need()).toMatchObject({ state: 'open', stage: 'served' });
  expect((await here(coordinator, `/ServiceRequest/${requestId}`)).status).toBe('active');
});

test('S4.3 the loop is closed by the clinic; the need stays open until it is met, and then it is resolved', async () => {
  const done = await here(coordinator, `/Task/${taskId}`);
  ok(await ours.as(coordinator, 'PUT', `/Task/${taskId}`, { ...done, businessStatus: own('requester-acknowledged') }));
  expect((await here(coordinator, `/ServiceRequest/${requestId}`)).status).toBe('completed');
  // With the last Task that named it the office's way to the child is over.
  expect((await poll('GET', `/Patient/${child}`)).status).toBe(404);
  expect(await need()).toMatchObject({ state: 'open', stage: 'served' });
  at('2026-06-02T15:00:00Z');
  const again = food(never, never, { subject: childRef, authored: now });
  ok(await ours.as(mother, 'POST', '/QuestionnaireResponse', again), 201);
  const concern = await here(coordinator, `/Condition/${concernId}`);
  const clinicalStatus = concept('http://terminology.hl7.org/CodeSystem/condition-clinical', 'resolved');
  const met = { ...concern, clinicalStatus, abatementDateTime: '2026-06-02' };
  ok(await ours.as(coordinator, 'PUT', `/Condition/${concernId}`, met));
  const [goal] = list(await here(coordinator, `/Goal?patient=${child}`));
  const achieved = concept('http://terminology.hl7.org/CodeSystem/goal-achievement', 'achieved');
  const closed = { ...goal, lifecycleStatus: 'completed', achievementStatus: achieved, statusDate: '2026-06-02' };
  ok(await ours.as(coordinator, 'PUT', `/Goal/${goal.id}`, closed));
  expect(await need()).toMatchObject({ state: 'resolved', stage: 'resolved' });
  const { parameter } = await here(coordinator, '/Patient/$needs-cascade');
  const counts = parameter
    .filter(({ name }: any) => name === 'stage')
    .map(({ part }: any) => part.find(({ name }: any) => name === 'count').valueInteger);
  expect(counts).toEqual([1, 1, 1, 1, 1, 1]);
});
