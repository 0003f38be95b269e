import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { capacityExtension } from '../../../../src/care/referral/capacity/capacity.ts';
import { capacityAtSendingUrl, remarkOn } from '../../../../src/care/referral/capacity/remark.ts';
import { code, type Family, openFamily, ref, words } from '../../proposal/support/family.ts';
import { text } from '../support/referred.ts';

/** Who sends a referral to a service that has only a waiting list is told so at once, and the Task shows it. */
let at: Family;
const gravity = 'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes';
const says = (status: string) => ({
  url: capacityExtension,
  extension: [{ url: 'capacityStatus', valueCodeableConcept: { coding: [{ system: gravity, code: status }] } }],
});
const service = (id: string, more: object) => ({ resourceType: 'HealthcareService', id, ...more });
const away = { description: 'Holidays', during: { start: '2026-11-20', end: '2026-11-23' } };
const services = [
  service('send-free', { extension: [says('capacity')] }),
  service('send-full', { extension: [says('no-capacity')] }),
  service('send-waiting', { extension: [says('waitlist')] }),
  service('send-looks', { extension: [says('additional-assessment-required')] }),
  service('send-silent', {}),
  service('send-closed', { extension: [says('capacity')], active: false }),
  service('send-away', { extension: [says('capacity')], notAvailable: [away] }),
];
let requestId = '';

beforeAll(async () => {
  at = await openFamily();
  for (const one of services) await at.house.as('system', 'PUT', `/HealthcareService/${one.id}`, one);
}, 60_000);
afterAll(() => at.house.shut());

const newRequest = async (more: object = {}): Promise<string> => {
  const made = await at.house.as(at.doctor, 'POST', '/ServiceRequest', {
    ...{ resourceType: 'ServiceRequest', status: 'active', intent: 'order', code: { text: 'Respite' } },
    ...{ subject: { reference: at.child }, requester: { reference: at.doctor }, ...more },
  });
  expect(made.status).toBe(201);
  return made.json.id;
};
const send = async (owner: string, ...more: object[]) => {
  requestId = await newRequest();
  return at.operation(at.doctor, `ServiceRequest/${requestId}/$send`, [ref('owner', owner), ...more]);
};
const part = (answer: { json: any }, name: string) =>
  answer.json.parameter?.find((one: any) => one.name === name)?.resource;

describe('$send refuses', () => {
  test('what is not there or hidden, nobody to ask, who does no work, what is over, a service without a place', async () => {
    const id = await newRequest();
    const ask = (who: string, one: string, ...given: object[]) =>
      at.operation(who, `ServiceRequest/${one}/$send`, given);
    const hidden = await ask(at.stranger, id, ref('owner', at.doctor));
    const never = await ask(at.stranger, 'never-was', ref('owner', at.doctor));
    expect([hidden.status, hidden.text]).toEqual([404, never.text]);
    expect((await ask(at.doctor, id)).status).toBe(400);
    expect((await ask(at.doctor, id, ref('owner', at.mother))).status).toBe(400);
    expect((await ask(at.doctor, id, ref('owner', 'Organization/x'), code('priority', 'soon'))).status).toBe(400);
    expect((await ask(at.doctor, id, ref('owner', 'Organization/x'), words('until', 'June'))).status).toBe(400);
    const unknown = await ask(at.doctor, id, ref('owner', 'Organization/never-was'));
    expect([unknown.status, text(unknown)]).toEqual([422, expect.stringMatching(/owner is nobody who is known here/)]);
    const full = await ask(at.doctor, id, ref('owner', 'HealthcareService/send-full'));
    expect([full.status, text(full)]).toEqual([422, expect.stringMatching(/no place and no waiting list/)]);
    const over = await newRequest({ status: 'completed' });
    const late = await ask(at.doctor, over, ref('owner', 'Organization/x'));
    expect([late.status, text(late)]).toEqual([422, expect.stringMatching(/that is completed is not sent/)]);
    expect((await at.read(`Task?focus=ServiceRequest/${id}`)).entry).toBeUndefined();
  });
});

test.each([
  ['send-waiting', 'warning', 'waiting-list', /keeps a waiting list/],
  ['send-looks', 'warning', 'assessment-first', /not yet a yes/],
  ['send-silent', 'information', 'unknown', /does not say/],
  ['send-closed', 'warning', 'closed', /closed now/],
  ['send-away', 'warning', 'closed', /closed now/],
])('D9 what is sent to %s says so to whoever sends, and the Task shows it', async (id, severity, remark, said) => {
  const sent = await send(`HealthcareService/${id}`);
  expect([sent.status, sent.text]).toEqual([200, expect.any(String)]);
  expect(part(sent, 'outcome').issue).toMatchObject([{ severity, details: { coding: [{ code: remark }] } }]);
  expect(part(sent, 'outcome').issue[0].details.text).toMatch(said);
  const task = await at.read(`Task/${part(sent, 'task').id}`);
  expect(task).toMatchObject({ status: 'requested', extension: [{ url: capacityAtSendingUrl }] });
  expect(task.extension[0].valueCodeableConcept.text).toMatch(said);
  expect(part(sent, 'task')).toEqual(task);
});

test('D9 what is sent to a service with a place, or to no service, says nothing; and by plain FHIR the Task shows it too', async () => {
  for (const owner of ['HealthcareService/send-free', at.lead]) {
    const sent = await send(owner, words('description', 'One evening a week'), code('priority', 'urgent'));
    expect([sent.status, part(sent, 'outcome')]).toEqual([200, undefined]);
    const task = part(sent, 'task');
    expect(task).toMatchObject({
      description: 'One evening a week',
      priority: 'urgent',
      requester: { reference: at.doctor },
    });
    expect(task.extension).toBeUndefined();
  }
  const id = await newRequest();
  const plain = await at.house.as(at.doctor, 'POST', '/Task', {
    ...{ resourceType: 'Task', status: 'requested', intent: 'order', for: { reference: at.child } },
    focus: { reference: `ServiceRequest/${id}` },
    owner: { reference: 'HealthcareService/send-waiting' },
    requester: { reference: at.doctor },
  });
  expect(plain.status).toBe(201);
  const shown = await at.read(`Task/${plain.json.id}`);
  expect(shown.extension[0].valueCodeableConcept.coding[0].code).toBe('waiting-list');
  // Moved on, it still says how it was when it was sent, once.
  const seen = await at.house.as(at.lead, 'PUT', `/Task/${plain.json.id}`, { ...shown, status: 'received' });
  expect([seen.status, seen.json.extension.length]).toEqual([200, 1]);
});

test('D9 $reroute answers with a Task that shows it', async () => {
  const sent = await send(at.lead);
  const parameters = [ref('owner', 'HealthcareService/send-waiting'), words('reason', 'They are nearer')];
  const made = await at.operation(at.doctor, `Task/${part(sent, 'task').id}/$reroute`, parameters);
  expect(made.status).toBe(200);
  expect(made.json.extension.map(({ url }: any) => url)).toContain(capacityAtSendingUrl);
});

test('a service is closed on the days that it names, and on no others', () => {
  const on = (day: string) =>
    remarkOn(
      service('x', { extension: [says('capacity')], notAvailable: [away] }) as never,
      new Date(`${day}T12:00:00Z`),
    );
  expect(['2026-11-19', '2026-11-20', '2026-11-23', '2026-11-24'].map(on)).toEqual([
    undefined,
    'closed',
    'closed',
    undefined,
  ]);
});

test('a referral that is sent by plain FHIR answers what is stored, with what was remarked on it, alone and in a transaction', async () => {
  const task = async (owner: string) => ({
    ...{ resourceType: 'Task', status: 'requested', intent: 'order', owner: { reference: owner } },
    code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] },
    ...{ for: { reference: at.child }, requester: { reference: at.doctor } },
    focus: { reference: `ServiceRequest/${await newRequest()}` },
  });
  const waiting = 'HealthcareService/send-waiting';
  const made = await at.house.as(at.doctor, 'POST', '/Task', await task(waiting));
  const kept = await at.house.as(at.doctor, 'GET', `/Task/${made.json.id}`);
  expect([made.status, made.headers.get('etag'), made.json]).toEqual([201, kept.headers.get('etag'), kept.json]);
  expect(JSON.stringify(made.json)).toContain(capacityAtSendingUrl);
  expect(made.headers.get('location')).toMatch(
    new RegExp(`/Task/${made.json.id}/_history/${kept.json.meta.versionId}$`),
  );
  expect(made.headers.get('last-modified')).toBe(kept.headers.get('last-modified'));
  // What it answers is what the next change may name.
  const headers = { 'If-Match': made.headers.get('etag') ?? '' };
  const note = [{ text: 'Please call in the morning.' }];
  const changed = await at.house.as(at.doctor, 'PUT', `/Task/${made.json.id}`, { ...made.json, note }, headers);
  expect([changed.status, changed.text]).toEqual([200, expect.any(String)]);
  const resources = [await task(waiting), await task('HealthcareService/send-free')];
  const entry = [
    ...resources.map((resource) => ({ resource, request: { method: 'POST', url: 'Task' } })),
    { request: { method: 'GET', url: waiting } },
  ];
  const many = await at.house.as(at.doctor, 'POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
  for (const { response } of many.json.entry.slice(0, 2)) {
    const [, id, version] = /Task\/([^/]+)\/_history\/(\d+)$/.exec(response.location) ?? [];
    const { json } = await at.house.as(at.doctor, 'GET', `/Task/${id}`);
    expect([version, response.etag]).toEqual([json.meta.versionId, `W/"${json.meta.versionId}"`]);
  }
});
