import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openPrivacyHouse, type PrivacyHouse } from '../../access/support/privacy-house.ts';
import { cqlOf, library, measure, transaction } from '../upload/bundle.ts';

/** What people could learn by ways around: a measure of their own making, an answer fetched later, the trail. */
let house: PrivacyHouse;
const child = 'pv-confidential-visit';
const mother = `RelatedPerson/${child}-mother`;
const doctor = 'Practitioner/pv-doctor';
const officer = 'Practitioner/pv-officer';
const year = 'periodStart=2026&periodEnd=2026';
const spy = `measure=${encodeURIComponent('http://example.org/Measure/Spy')}&${year}`;

async function put(resource: { resourceType: string; id: string }): Promise<void> {
  const { status, text } = await house.as('system', 'PUT', `/${resource.resourceType}/${resource.id}`, resource);
  if (status >= 300) throw new Error(text);
}

beforeAll(async () => {
  house = await openPrivacyHouse();
  await house.load('confidential-visit', 'custody');
  const body =
    'parameter "Measurement Period" Interval<DateTime>\ncontext Patient\ndefine "All": true\ndefine "City": First(Patient.address.city.value)';
  const own = measure('Spy', 'proportion', { 'initial-population': 'All', denominator: 'All', numerator: 'All' });
  const criteria = { language: 'text/cql-identifier' as const, expression: 'City' };
  const group = (own.group ?? []).map((each) => ({ ...each, stratifier: [{ id: 'city', criteria }] }));
  const parts = transaction(library('Spy', { cql: cqlOf('Spy', body) }), { ...own, group });
  expect((await house.as('system', 'POST', '', parts)).status).toBe(200);
  const stored = await house.as('system', 'GET', `/Patient/${child}`);
  await put({ ...stored.json, address: [{ city: 'Hideaway' }] });
});
afterAll(() => house.shut());

test.each(['Measure', 'Library', 'ValueSet'])('a family posts no %s', async (resourceType) => {
  for (const who of [mother, `Patient/${child}`]) {
    const type = resourceType === 'Library' && { type: library('Own', {}).type };
    const answer = await house.as(who, 'POST', `/${resourceType}`, { resourceType, status: 'draft', ...type });
    expect(answer.status).toBe(403);
  }
});

test('an address that is kept safe makes no stratum for who is not told it', async () => {
  const asked = [
    `$evaluate-measure?${spy}&subject=${child}`,
    `$evaluate-measure?${spy}`,
    `$evaluate-measure?${spy}&reportType=subject-list`,
    `$evaluate?${spy}&reportType=individual`,
    `$explain?${spy}&subject=${child}`,
    `$collect-data?${spy}&subject=${child}`,
  ];
  const telling = async (who: string) => {
    const answers = await Promise.all(asked.map((path) => house.as(who, 'GET', `/Measure/${path}`)));
    expect(answers.map(({ status }) => status)).toEqual(asked.map(() => 200));
    return asked.filter((_, place) => answers[place]?.text.includes('Hideaway')).length;
  };
  expect(await telling(doctor)).toBeGreaterThan(3);
  const coding = [{ system: 'http://careweave.org/fhir/CodeSystem/privacy-flag', code: 'safe-address' }];
  const subject = { reference: `Patient/${child}` };
  await put({ resourceType: 'Flag', id: 'safe', status: 'active', code: { coding }, subject } as never);
  house.access.forget();
  expect(await telling(doctor)).toBe(0);
  expect(await telling(officer)).toBeGreaterThan(3);
});

/** Requests of this person that the trail of the child tells of. */
async function trailOf(patient: string, person: string, path: string): Promise<number> {
  const { json } = await house.as(officer, 'GET', `/AuditEvent?patient=Patient/${patient}&_count=200`);
  const told = ((json.entry ?? []) as { resource: object }[]).map(({ resource }) => JSON.stringify(resource));
  return told.filter((text) => {
    const queries = [...text.matchAll(/"query":"([^"]*)"/g)].map(([, query = '']) =>
      Buffer.from(query, 'base64').toString(),
    );
    return text.includes(person) && queries.some((query) => query.includes(path));
  }).length;
}

test('a list that is fetched later is told to nobody else, and the trail names whom it told of', async () => {
  const headers = { Prefer: 'respond-async' };
  const asked = `/Measure/$evaluate-measure?${spy}&reportType=subject-list`;
  const begun = await house.as(doctor, 'GET', asked, undefined, headers);
  const { search } = new URL(begun.headers.get('content-location') ?? '');
  let answer = await house.as(doctor, 'GET', `/$async-status${search}`);
  while (answer.status === 202) answer = await house.as(doctor, 'GET', `/$async-status${search}`);
  expect(answer.text).toMatch('"Patient/pv-custody"');
  for (const who of [officer, mother, 'system'])
    expect((await house.as(who, 'GET', `/$async-status${search}`)).status).toBe(404);
  expect(await trailOf('pv-custody', doctor, '$async-status')).toBeGreaterThan(0);
});

test('the trail of a child does not say that strangers asked for the work queue', async () => {
  const task = { resourceType: 'Task', id: 'custody-task', status: 'requested', intent: 'order' };
  await put({ ...task, for: { reference: 'Patient/pv-custody' } } as never);
  expect((await house.as(doctor, 'GET', '/Task/$work-queue')).text).toMatch('custody-task');
  const { status, text } = await house.as(mother, 'GET', '/Task/$work-queue');
  expect([status, text.includes('custody-task')]).toEqual([200, false]);
  expect(await trailOf('pv-custody', doctor, '$work-queue')).toBe(1);
  expect(await trailOf('pv-custody', mother, '$work-queue')).toBe(0);
});
