import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parseScopes } from '../../../src/access/scopes.ts';
import type { Principal } from '../../../src/access/types.ts';
import { ok } from '../../../src/base/errors.ts';
import { createCare } from '../../../src/care/care.ts';
import { askForReviews } from '../../../src/care/plan/review/review-job.ts';
import { planView } from '../../../src/fhir/plan-view.ts';
import type { Resource, r4 } from '../../../src/fhir/types.ts';
import { startHttp, type TestHttp } from '../../support/http.ts';
import * as a from '../support/child.ts';

const now = { at: new Date('2026-03-10T12:00:00Z') };
const clock = { now: () => now.at };
const care = createCare({ clock });
const careActor = { kind: 'system', id: 'care', requestId: 'test' } as const;
let http: TestHttp;
let made = 0;
let childId = '';
let child = { reference: '' };
let mother = '';
let planId = '';

/** `all`: a client that may do everything; `goals`: one that may not; else a clinician (`Practitioner/…`, or Dr. Pine) who has this child's chart open. */
const callers = (header: string | undefined): Principal => {
  const name = header?.replace('Bearer ', '') ?? '';
  const isClient = name === 'all' || name === 'goals';
  const user = name.startsWith('Practitioner/') ? name : 'Practitioner/x';
  const scopes = parseScopes(
    name === 'all' ? 'system/*.cruds' : isClient ? 'system/Goal.cruds' : 'patient/*.cruds',
    types,
  );
  if (isClient) return { kind: 'client', id: name, clientId: name, scopes: scopes.resource };
  const who = { id: user, fhirUser: user };
  return { kind: 'user', clientId: 'page', patientId: childId, scopes: scopes.resource, ...who };
};
let types: ReadonlySet<string> = new Set();

beforeAll(async () => {
  const { checks = [], effects = [], conclusions = [], operations = [] } = care.module;
  const verifyBearer = async (header: string | undefined) => ok(callers(header));
  http = await startHttp({ operations, verifyBearer }, { checks, effects, conclusions, clock });
  types = http.definitions.types;
  await a.put(
    http.store,
    a.coordinator,
    { resourceType: 'Practitioner', id: 'x', name: [{ text: 'Dr. Pine' }] },
    { resourceType: 'Practitioner', id: 'coordinator', name: [{ text: 'Gus Field' }] },
    { ...a.patient, id: 'other' },
    { resourceType: 'RelatedPerson', id: 'others', patient: { reference: 'Patient/other' }, name: [{ text: 'Bea' }] },
  );
});
afterAll(() => http.close());
beforeEach(() => begin('Swim with his class'));

/** A child of its own for each test, with a plan in force. */
async function begin(wish?: string): Promise<void> {
  now.at = new Date('2026-03-10T12:00:00Z');
  made += 1;
  childId = `child-${made}`;
  child = { reference: `Patient/${childId}` };
  mother = `RelatedPerson/mother-${made}`;
  const generalPractitioner = [{ reference: 'Practitioner/x' }];
  await a.put(
    http.store,
    a.coordinator,
    { ...a.patient, id: childId, generalPractitioner },
    { resourceType: 'RelatedPerson', id: `mother-${made}`, patient: child, name: [{ text: 'Ana' }] },
    ...(wish === undefined
      ? []
      : [a.goal(`wish-${made}`, wish, { subject: child, expressedBy: { reference: mother } })]),
  );
  const composed = await http.store.transact(careActor, (tx) => care.composePlan(tx, childId, { begin: true }));
  if (!composed.ok) throw new Error(composed.error.issues[0]?.text);
  planId = composed.value.planId;
}

const plan = async () => a.parsed<r4.CarePlan & Resource>(await http.store.read('CarePlan', planId));
const view = async (today: string) => {
  const patient = a.parsed<Resource>(await http.store.read('Patient', childId));
  return planView(planId, [await plan(), patient], { today });
};
async function run(): Promise<void> {
  const job = { kind: 'care.plan-review', key: 'all', payload: {}, attempt: 1 };
  expect((await askForReviews.run(job, { store: http.store, log: http.log, clock })).ok).toBe(true);
}
async function tasks(code: string): Promise<any[]> {
  const { json } = await http.send('GET', `/fhir/Task?patient=${childId}&code=${code}&_count=100`);
  return ((json.entry ?? []) as { resource: any }[]).map(({ resource }) => resource);
}
const review = (parameter: object[], as = 'all') =>
  http.send('POST', `/fhir/CarePlan/${planId}/$review`, { as, body: { resourceType: 'Parameters', parameter } });
const agreed = (...references: string[]) =>
  references.map((reference) => ({ name: 'agreed', valueReference: { reference } }));
const parts = (json: any, name: string) => json.parameter.filter((one: any) => one.name === name);

describe('a review', () => {
  test.each<[string, () => object[], number, RegExp]>([
    ['without anybody who agreed', () => [], 400, /agreed names/],
    ['that was held tomorrow', () => [...agreed(mother), { name: 'date', valueDate: '2026-03-11' }], 422, /not before/],
    [
      'with the next one before it',
      () => [...agreed(mother), { name: 'next', valueDate: '2026-03-10' }],
      422,
      /next review comes after/,
    ],
    [
      'with the next one in two years',
      () => [...agreed(mother), { name: 'next', valueDate: '2028-03-10' }],
      422,
      /within 12 months/,
    ],
    [
      'with a date that is none',
      () => [...agreed(mother), { name: 'next', valueString: 'soon' }],
      400,
      /next takes a date/,
    ],
    ['agreed by somebody of another child', () => agreed('RelatedPerson/others'), 422, /not known here/],
    ['agreed by nobody known', () => agreed('RelatedPerson/nobody'), 422, /not known here/],
    [
      'with a copy for a clinician',
      () => [...agreed(mother), { name: 'copyTo', valueReference: { reference: 'Practitioner/x' } }],
      400,
      /copyTo names the child/,
    ],
    [
      'with a parameter it does not have',
      () => [...agreed(mother), { name: 'colour', valueString: 'red' }],
      400,
      /colour/,
    ],
  ])('%s is refused, and nothing is written', async (_, parameter, status, text) => {
    const before = await plan();
    const answer = await review(parameter());
    expect([answer.status, answer.json.issue[0].diagnostics ?? answer.json.issue[0].details.text]).toEqual([
      status,
      expect.stringMatching(text),
    ]);
    expect(await plan()).toEqual(before);
    expect(await tasks('plan-review')).toEqual([]);
  });

  test('is not told apart from no plan by who may not see or change it', async () => {
    const body = { resourceType: 'Parameters', parameter: agreed(mother) };
    const absent = await http.send('POST', '/fhir/CarePlan/nothing/$review', { body });
    expect(absent.status).toBe(404);
    expect((await http.send('POST', `/fhir/CarePlan/${planId}/$review`, { as: 'goals', body })).status).toBe(403);
    await a.put(http.store, a.coordinator, a.hospitalPlan('hospitals', { subject: child }));
    expect((await http.send('POST', '/fhir/CarePlan/hospitals/$review', { body })).json).toEqual(absent.json);
  });

  test('S4.1 a plan is complete only with family input, the family’s copy delivered and its date recorded', async () => {
    const without = await review(agreed('Practitioner/coordinator'));
    expect(parts(without.json, 'missing').map((one: any) => one.valueString)).toEqual([
      'the family has not been given a copy of the plan.',
    ]);
    const copy = { name: 'copyTo', valueReference: { reference: mother } };
    const whole = await review([...agreed(mother), copy, { name: 'copyDate', valueDate: '2026-03-10' }]);
    expect(parts(whole.json, 'missing')).toEqual([]);
    expect(parts(whole.json, 'complete')).toEqual([{ name: 'complete', valueBoolean: true }]);
    const { json } = await http.send('GET', `/fhir/${parts(whole.json, 'copy')[0].valueReference.reference}`);
    expect(json).toMatchObject({
      status: 'completed',
      sent: '2026-03-10',
      recipient: [{ reference: mother }],
      about: [{ reference: `CarePlan/${planId}` }],
    });
    await begin();
    const dry = await review([
      ...agreed('Practitioner/coordinator'),
      { ...copy, valueReference: { reference: mother } },
    ]);
    expect(parts(dry.json, 'missing').map((one: any) => one.valueString)).toEqual([
      'nothing in the plan was said by the child or the family yet: no goal, no wish, no contribution.',
    ]);
  });

  test('a copy from before the last review is none of this plan', async () => {
    const copy = { name: 'copyTo', valueReference: { reference: mother } };
    await review([...agreed(mother), copy]);
    now.at = new Date('2026-05-01T12:00:00Z');
    const again = await review(agreed(mother));
    expect(parts(again.json, 'missing').map((one: any) => one.valueString)).toEqual([
      'the family has not been given a copy since the plan was last agreed on.',
    ]);
  });

  test('says on the plan who agreed and when it is due, and who asked for it in Provenance', async () => {
    now.at = new Date('2026-03-10T13:00:00Z');
    const answer = await review([...agreed(mother), { name: 'next', valueDate: '2026-06-01' }], 'clinician');
    expect(parts(answer.json, 'due')[0].valueDate).toBe('2026-06-01');
    expect((await view('2026-06-01'))?.review).toMatchObject({ last: '2026-03-10', due: '2026-06-01', overdue: false });
    expect((await view('2026-06-02'))?.review.overdue).toBe(true);
    const { json } = await http.send('GET', `/fhir/Provenance?target=CarePlan/${planId}&_sort=-recorded&_count=1`);
    expect(json.entry[0].resource.agent[0].onBehalfOf).toEqual({ reference: 'Practitioner/x' });
  });
});

describe('a plan past its review date', () => {
  test('S1.21 raises one Task, whoever looks how often, and the review closes it', async () => {
    await run();
    expect(await tasks('plan-review')).toEqual([]);
    now.at = new Date('2026-09-11T01:00:00Z');
    await run();
    await run();
    const before = await plan();
    const [task, ...more] = await tasks('plan-review');
    expect(more).toEqual([]);
    expect(task).toMatchObject({ status: 'requested', focus: { reference: `CarePlan/${planId}` }, for: child });
    expect(before.status).toBe('active');
    const answer = await review([...agreed(mother), { name: 'note', valueString: 'All well' }]);
    expect(answer.status).toBe(200);
    expect(await tasks('plan-review')).toMatchObject([
      { id: task.id, status: 'completed', executionPeriod: { end: '2026-09-11' }, note: [{ text: 'All well' }] },
    ]);
    await run();
    expect(await tasks('plan-review')).toHaveLength(1);
    now.at = new Date('2027-03-12T01:00:00Z');
    await run();
    expect(await tasks('plan-review')).toHaveLength(2);
  });

  test('S1.21 shows the banner to all readers: the document, the page, the view of who sees no Task', async () => {
    now.at = new Date('2026-09-11T01:00:00Z');
    const past = /past its review date \(2026-09-10\)/;
    const { json } = await http.send('GET', `/fhir/CarePlan/${planId}/$document`);
    const [{ resource: composition }] = json.entry;
    expect(composition.section[0].text.div).toMatch(past);
    const state = composition.extension[0].extension;
    expect(state).toContainEqual({ url: 'overdue', valueBoolean: true });
    const page = await http.send('GET', `/fhir/CarePlan/${planId}/$document?_format=text/html`, { as: 'clinician' });
    expect(page.text).toMatch(past);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
  });

  test('is not told of twice when somebody has asked for the review already', async () => {
    const code = { coding: [{ system: 'http://careweave.org/fhir/CodeSystem/care-task', code: 'plan-review' }] };
    const focus = { reference: `CarePlan/${planId}` };
    await a.put(
      http.store,
      a.coordinator,
      a.task(`planned-${made}`, 'Meet', { for: child, code, focus, status: 'accepted' }),
    );
    now.at = new Date('2026-09-11T01:00:00Z');
    await run();
    expect((await tasks('plan-review')).map(({ id }) => id)).toEqual([`planned-${made}`]);
  });

  test('counts a review that was recorded as a completed Task, by plain FHIR', async () => {
    now.at = new Date('2026-09-11T01:00:00Z');
    await run();
    const [task] = await tasks('plan-review');
    await a.put(http.store, a.coordinator, { ...task, status: 'completed', executionPeriod: { end: '2026-09-11' } });
    expect((await view('2026-09-11'))?.review).toMatchObject({ last: '2026-09-11', due: '2027-03-11', overdue: false });
    await run();
    expect(await tasks('plan-review')).toHaveLength(1);
  });

  test('and ended asks for no review any more', async () => {
    now.at = new Date('2026-09-11T01:00:00Z');
    await run();
    await a.put(http.store, a.coordinator, { ...(await plan()), status: 'completed' });
    expect(await tasks('plan-review')).toMatchObject([{ status: 'cancelled' }]);
  });

  test('is due after three months for a child who was not one year old yet', async () => {
    const patient = a.parsed<Resource>(await http.store.read('Patient', childId));
    await a.put(http.store, a.coordinator, { ...patient, birthDate: '2025-05-01' });
    expect((await view('2026-06-10'))?.review).toMatchObject({ due: '2026-06-10', overdue: false });
    await a.put(http.store, a.coordinator, patient);
  });
});

describe('the dates on the plan', () => {
  const url = 'http://careweave.org/fhir/StructureDefinition/plan-review';
  const put = async (more: object) =>
    a.refusedBy(await a.tryPut(http.store, a.coordinator, { ...(await plan()), ...more }));
  test('obey the same rule by plain FHIR', async () => {
    const extension = (valueDate: string) => [{ url, extension: [{ url: 'held', valueDate }] }];
    expect(await put({ extension: extension('2026-04-01') })).toBe('plan-review-dates');
    expect(await put({ extension: [{ url, extension: [{ url: 'agreed', valueReference: child }] }] })).toBe(
      'plan-review-dates',
    );
    expect(await put({ extension: extension('2026-03-10') })).toBeUndefined();
    expect(await put({ extension: extension('2026-01-10') })).toBe('plan-review-dates');
    expect(await put({ extension: [] })).toBe('plan-review-dates');
  });
});

describe('the co-signature', () => {
  test('S1.16 the primary care clinician reviews and co-signs in three requests', async () => {
    await review(agreed(mother));
    const found = await http.send('GET', `/fhir/Task?patient=${childId}&code=co-sign&status=requested`, {
      as: 'clinician',
    });
    const [{ resource: task }] = found.json.entry;
    expect(task).toMatchObject({ owner: { reference: 'Practitioner/x' }, focus: { reference: `CarePlan/${planId}` } });
    const read = await http.send('GET', `/fhir/${task.focus.reference}/$document?_format=text/html`, {
      as: 'clinician',
    });
    expect(read.text).toMatch(/At a glance[\s\S]*Swim with his class/);
    const signed = await http.send('PUT', `/fhir/Task/${task.id}`, {
      as: 'clinician',
      body: { ...task, status: 'completed', executionPeriod: { end: '2026-03-10' } },
    });
    expect(signed.status).toBe(200);
    expect((await plan()).contributor).toContainEqual({ reference: 'Practitioner/x' });
    const { json } = await http.send('GET', `/fhir/CarePlan/${planId}/$document`);
    expect(json.entry[0].resource.section.at(-1).text.div).toContain('Co-signed by Dr. Pine (on 2026-03-10)');
  });

  test('is nobody else’s to give, and is not asked for twice', async () => {
    await review(agreed(mother));
    await review(agreed(mother));
    const [task, ...more] = await tasks('co-sign');
    expect(more).toEqual([]);
    const signed = { ...task, status: 'completed' };
    expect(a.refusedBy(await a.tryPut(http.store, a.coordinator, signed))).toBe('co-sign-by-owner');
    expect((await http.send('PUT', `/fhir/Task/${task.id}`, { body: signed })).status).toBe(422);
    const { owner: _, ...nobodys } = task;
    expect(a.refusedBy(await a.tryPut(http.store, a.coordinator, nobodys))).toBe('co-sign-by-owner');
    expect(a.refusedBy(await a.tryPut(http.store, a.coordinator, { ...task, code: { text: 'x' } }))).toBe(
      'co-sign-by-owner',
    );
  });

  test('is given in the EHR too, where the same clinician is another record with the same provider number', async () => {
    const identifier = [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '9990019999' }];
    const named = (id: string): Resource => ({
      resourceType: 'Practitioner',
      id,
      identifier,
      name: [{ text: 'Dr. Pine' }],
    });
    await a.put(http.store, a.coordinator, named('x'), named('claims-to-be'));
    await a.put(http.store, a.syncActor, a.mirrored(named('in-the-ehr')));
    await review(agreed(mother));
    const [task] = await tasks('co-sign');
    const sign = (as: string) =>
      http.send('PUT', `/fhir/Task/${task.id}`, { as, body: { ...task, status: 'completed' } });
    expect((await sign('Practitioner/claims-to-be')).status).toBe(422);
    expect((await sign('Practitioner/in-the-ehr')).status).toBe(200);
    expect((await plan()).contributor).toContainEqual({ reference: 'Practitioner/x' });
    await review(agreed(mother), 'Practitioner/in-the-ehr');
    expect((await tasks('co-sign')).map(({ status }) => status)).toEqual(['completed']);
  });

  test('of a version that others have changed since is refused, and so is a review of it', async () => {
    await review(agreed(mother));
    const [task] = await tasks('co-sign');
    const read = (await plan()).meta?.versionId;
    await a.put(http.store, a.coordinator, { ...(await plan()), title: 'The plan, changed' });
    const signing = (version: string | undefined) =>
      http.send('PUT', `/fhir/Task/${task.id}`, {
        as: 'clinician',
        body: { ...task, status: 'completed', focus: { reference: `CarePlan/${planId}/_history/${version}` } },
      });
    const reviewing = (version: string | undefined) =>
      review([...agreed(mother), { name: 'version', valueString: version }], 'clinician');
    const before = await plan();
    expect((await reviewing('one')).status).toBe(400);
    for (const answer of [await signing(read), await reviewing(read)]) {
      expect(answer.status).toBe(412);
      expect(JSON.stringify(answer.json)).toMatch(/changed the plan since it was read/);
    }
    expect(await plan()).toEqual(before);
    expect((await tasks('co-sign')).map(({ status }) => status)).toEqual(['requested']);
    expect((await reviewing(before.meta?.versionId)).status).toBe(200);
    expect((await signing((await plan()).meta?.versionId)).status).toBe(200);
  });

  test('is not asked of whoever held the review, nor when it is not wanted', async () => {
    await review(agreed(mother), 'clinician');
    await review([...agreed(mother), { name: 'coSign', valueBoolean: false }]);
    expect(await tasks('co-sign')).toEqual([]);
  });
});
