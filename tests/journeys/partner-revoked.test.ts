import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { backendToken } from '../../scripts/bench/backend-token.ts';
import { addRole } from '../../src/access/policy/roles.ts';
import { openPrivacyHouse, type PrivacyHouse } from '../access/support/privacy-house.ts';
import { unwrap } from '../support/house.ts';
import {
  child,
  codeOf,
  doctor,
  helper,
  mother,
  officer,
  pantry,
  partsOf,
  share,
  welcome,
} from './support/asthma-child.ts';

/**
 * A food pantry helps a family. The family lets it be told, sees that it looked, and stops it: from then on its people and its system read
 * nothing, and the family sees that too. One story, told in order through the public API.
 */
let house: PrivacyHouse;
/** The pantry's own system, with a token that it got for its own registration. */
let system: string;
let task: string;

beforeAll(async () => {
  house = await openPrivacyHouse();
  await welcome(house);
  unwrap(await addRole(house.store, officer, 'privacy-officer'));
  const scopes = 'system/*.cruds';
  const client = await house.command('client', 'add', '--name', 'Pantry', '--scopes', scopes);
  await house.command('partner', 'client', 'add', JSON.parse(client).client_id, pantry);
  expect(await house.command('partner', 'client', 'list')).toContain(pantry);
  system = await backendToken(house.url, client, scopes, new Date('2026-11-23T12:00:00-05:00'));
}, 60_000);
afterAll(() => house.shut());

const get = (who: string, path: string) => house.as(who, 'GET', path);
const referral = () => ({
  resourceType: 'Task',
  status: 'requested',
  intent: 'order',
  code: codeOf('fulfill'),
  description: 'A food box every week',
  focus: { reference: 'ServiceRequest/journey-food' },
  for: { reference: child },
  requester: { reference: doctor },
  owner: { reference: pantry },
});
const seenBy = async (who: string) => {
  const { json } = await get(
    who,
    '?_type=Patient,Task,ServiceRequest,Condition,AllergyIntolerance,CarePlan&_count=100&_total=accurate',
  );
  const names = (json.entry ?? []).map(({ resource }: any) => `${resource.resourceType}/${resource.id}`);
  expect(json.total).toBe(names.length);
  return names.filter((one: string) => !one.includes('pv-school-day')).sort();
};

test('S2.17 before the family has agreed nothing can be sent, and that somebody tried stands in the trail', async () => {
  const request = {
    resourceType: 'ServiceRequest',
    id: 'journey-food',
    status: 'active',
    intent: 'order',
    code: { text: 'Food for the family' },
    subject: { reference: child },
    requester: { reference: doctor },
    performer: [{ reference: pantry }],
  };
  expect((await house.as('system', 'PUT', '/ServiceRequest/journey-food', request)).status).toBe(201);
  const refused = await house.as(doctor, 'POST', '/Task', referral());
  expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('The family has not allowed')]);
  expect((await get('system', `/Task?patient=${child}&_summary=count`)).json.total).toBe(0);
  const { json } = await get(officer, `/AuditEvent?agent=${doctor}&outcome=4`);
  expect(json.entry[0].resource.subtype[0].code).toBe('create');
  expect(await seenBy(helper)).toEqual([]);
  expect(await seenBy(system)).toEqual([]);
});

test('the mother reads the warning, agrees until summer, and the referral goes out', async () => {
  const shared = await share(house, pantry);
  expect(shared.status).toBe(200);
  expect(shared.json.parameter.find(({ name }: any) => name === 'warning').valueString).toMatch(/HIPAA/);
  const sent = await house.as(doctor, 'POST', '/Task', referral());
  expect(sent.status).toBe(201);
  task = `Task/${sent.json.id}`;
});

test('the pantry’s people and system see the Task, what is asked for, and who the child is; and answer', async () => {
  const all = [child, 'ServiceRequest/journey-food', task].sort();
  expect(await seenBy(helper)).toEqual(all);
  expect(await seenBy(system)).toEqual(all);
  const told = (await get(helper, `/${child}`)).json;
  expect([told.name[0].family, told.telecom[0].value, told.identifier, told.generalPractitioner]).toEqual([
    'Sedum',
    '555-0188',
    undefined,
    undefined,
  ]);
  expect((await get(system, '/Condition/journey-asthma')).status).toBe(404);
  const { json } = await get(system, `/Task?owner=${pantry}&status=requested`);
  expect(json.entry.map(({ resource }: any) => resource.id)).toContain(task.slice(5));
  const accepted = await house.as(helper, 'PUT', `/${task}`, {
    ...(await get(helper, `/${task}`)).json,
    status: 'accepted',
  });
  expect([accepted.status, accepted.json.status]).toEqual([200, 'accepted']);
});

test('S3.12 the mother sees what the pantry is told, why, and that it looked', async () => {
  const [partner] = partsOf(await get(mother, `/${child}/$sharing`), 'partner');
  expect(partner).toMatchObject({ sees: [true], leave: ['given'], agreement: [true] });
  expect(partner?.because).toContain('task');
  expect(partner?.what).toEqual(expect.arrayContaining(['requests for help', 'tasks that are theirs']));
  const events = partsOf(await get(mother, `/${child}/$access-log`), 'event').filter(
    ({ whoText }) => whoText?.[0] === 'Foxglove Pantry',
  );
  expect(events.filter(({ denied }) => denied === undefined).length).toBeGreaterThan(0);
});

test('S3.12 she stops it: the next read of its people and of its system is denied like of a child that never was, and the log shows it', async () => {
  house.at('2026-11-23T12:00:01-05:00');
  const parameter = [{ name: 'organization', valueString: pantry }];
  const stopped = await house.as(mother, 'POST', `/${child}/$stop-sharing`, { resourceType: 'Parameters', parameter });
  expect(stopped.json.parameter[0]).toEqual({ name: 'ended', valueInteger: 1 });
  for (const who of [helper, system]) {
    const [denied, never] = [await get(who, `/${child}`), await get(who, '/Patient/never-was')];
    expect([denied.status, denied.text]).toEqual([404, never.text]);
    expect(await seenBy(who)).toEqual([]);
  }
  const [latest] = partsOf(await get(mother, `/${child}/$access-log`), 'event').filter(
    ({ whoText }) => whoText !== undefined,
  );
  expect(latest).toMatchObject({ whoText: ['Foxglove Pantry'], denied: [true] });
  const [partner] = partsOf(await get(mother, `/${child}/$sharing`), 'partner');
  expect(partner).toMatchObject({ sees: [false], leave: ['missing'] });
  const again = await house.as(helper, 'PUT', `/${task}`, { ...referral(), id: task.slice(5), status: 'in-progress' });
  expect([404, 422]).toContain(again.status);
  expect((await house.as(doctor, 'POST', '/Task', referral())).status).toBe(422);
});
