import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hospitalRecord, openTestHouse, type TestHouse } from '../support/house.ts';

/**
 * A referral made here for a child of a hospital: it arrives there once, what happens to it here is told there, and when the
 * hospital closes it, it is closed here too. The hospital is a second Careweave, so nothing of our sandbox helps.
 */
let ours: TestHouse;
let hospital: TestHouse;
let child: string;
let childThere: string;

const sync = () => ours.command('sync', 'run', 'general');
const resources = async (house: TestHouse, path: string) =>
  ((await house.fhir('GET', path)).json.entry ?? []).map((entry: any) => entry.resource);
const referralsThere = () => resources(hospital, `/ServiceRequest?patient=${childThere}&code:missing=false&_count=100`);
const mine = async (words: string) => (await referralsThere()).filter((one: any) => one.code?.text === words);

async function refer(words: string): Promise<any> {
  const created = await ours.fhir('POST', '/ServiceRequest', {
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    code: { text: words },
    subject: { reference: `Patient/${child}` },
  });
  expect(created.status).toBe(201);
  return created.json;
}

const notNeeded = {
  url: 'http://hl7.org/fhir/StructureDefinition/request-statusReason',
  valueCodeableConcept: {
    coding: [{ system: 'http://careweave.org/fhir/CodeSystem/ending-reason', code: 'no-longer-needed' }],
  },
};

/** Changes the status as a client does: read, change, put back. What is given up says why. */
async function become(house: TestHouse, id: string, status: string): Promise<void> {
  const current = (await house.fhir('GET', `/ServiceRequest/${id}`)).json;
  const extension = status === 'revoked' ? { extension: [...(current.extension ?? []), notNeeded] } : {};
  const put = await house.fhir('PUT', `/ServiceRequest/${id}`, { ...current, status, ...extension });
  expect(put.status).toBe(200);
}

async function versionsOf(house: TestHouse): Promise<string> {
  return JSON.stringify(await house.store.query('SELECT type, id, version FROM resource ORDER BY type, id'));
}

beforeAll(async () => {
  hospital = await openTestHouse();
  ours = await openTestHouse();
  expect((await hospital.fhir('POST', '', hospitalRecord('lakeside', 'theo-larkspur'))).status).toBe(200);
  const client = JSON.parse(
    await hospital.command('client', 'add', '--name', 'Careweave', '--scopes', 'system/*.cruds'),
  );
  const options = ['--id', 'general', '--name', 'General Hospital', '--base-url', `${hospital.url}/fhir`];
  await ours.command('site', 'add', ...options, '--client-id', client.client_id, '--key', client.private_key);
  await sync();
  [{ id: child }] = await resources(ours, '/Patient');
  [{ id: childThere }] = await resources(hospital, '/Patient');
});
afterAll(async () => {
  await ours?.shut();
  await hospital?.shut();
});

describe('a referral made here', () => {
  let referral: any;

  test('a draft stays here', async () => {
    const draft = await ours.fhir('POST', '/ServiceRequest', {
      resourceType: 'ServiceRequest',
      status: 'draft',
      intent: 'order',
      code: { text: 'Only a thought' },
      subject: { reference: `Patient/${child}` },
    });
    expect(draft.status).toBe(201);
    await sync();
    expect(await mine('Only a thought')).toEqual([]);
  });

  test('arrives at the hospital once, for its own patient, however often we sync', async () => {
    referral = await refer('Speech therapy');
    await sync();
    await sync();
    const there = await mine('Speech therapy');
    expect(there).toHaveLength(1);
    expect(there[0].subject.reference).toBe(`Patient/${childThere}`);
  });

  test('is not taken for a referral of the hospital when it comes back', async () => {
    const here = await resources(ours, `/ServiceRequest?patient=${child}&_count=100`);
    expect(here.filter((one: any) => one.code?.text === 'Speech therapy')).toHaveLength(1);
    const [before, there] = [await versionsOf(ours), await versionsOf(hospital)];
    await sync();
    expect(await versionsOf(ours)).toBe(before);
    expect(await versionsOf(hospital)).toBe(there);
  });

  test('held up here is held up there', async () => {
    await become(ours, referral.id, 'on-hold');
    await sync();
    expect((await mine('Speech therapy')).map((one: any) => one.status)).toEqual(['on-hold']);
  });

  test('closed by the hospital is closed here, in our own referral, and it says who closed it', async () => {
    const [there] = await mine('Speech therapy');
    await become(hospital, there.id, 'completed');
    await sync();
    const here = (await ours.fhir('GET', `/ServiceRequest/${referral.id}`)).json;
    expect(here.status).toBe('completed');
    expect(here.code).toEqual(referral.code);
    expect(here.meta.source).toBeUndefined();
    const [origin] = await resources(
      ours,
      `/Provenance?target=ServiceRequest/${referral.id}/_history/${here.meta.versionId}`,
    );
    expect(origin.agent[0].who).toEqual({
      identifier: { system: 'urn:careweave:site', value: 'general' },
      display: 'General Hospital',
    });
  });

  test('a sync after that changes nothing on either side', async () => {
    await sync();
    const [here, there] = [await versionsOf(ours), await versionsOf(hospital)];
    await sync();
    expect(await versionsOf(ours)).toBe(here);
    expect(await versionsOf(hospital)).toBe(there);
  });

  test('opened again here stays open: an old word of the hospital is not repeated', async () => {
    await become(ours, referral.id, 'active');
    await sync();
    await sync();
    expect((await ours.fhir('GET', `/ServiceRequest/${referral.id}`)).json.status).toBe('active');
  });

  test('closed here is never opened by a hospital that still has it open', async () => {
    const other = await refer('Nutrition counseling');
    await sync();
    await become(ours, other.id, 'revoked');
    await sync();
    await sync();
    expect((await ours.fhir('GET', `/ServiceRequest/${other.id}`)).json.status).toBe('revoked');
    expect((await mine('Nutrition counseling')).map((one: any) => one.status)).toEqual(['revoked']);
  });
});
