import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openPrivacyHouse, type PrivacyHouse } from '../support/privacy-house.ts';

let house: PrivacyHouse;
const child = 'Patient/pv-turning-twelve';
const father = 'RelatedPerson/pv-turning-twelve-father';
const mother = 'RelatedPerson/pv-custody-mother';
const doctor = 'Practitioner/pv-doctor';
const asChild = '2026-11-23T12:00:00-05:00';
const asTeen = '2026-11-24T12:00:00-05:00';

beforeAll(async () => {
  house = await openPrivacyHouse(asChild);
  await house.load('turning-twelve', 'custody');
}, 60_000);
afterAll(() => house.shut());
beforeEach(() => house.at(asChild));

const shared = { tag: [{ system: 'http://careweave.org/fhir/CodeSystem/sharing', code: 'family-shared' }] };
const labelled = (code: string) => ({
  security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code }],
});
const task = (more: object = {}) => ({
  resourceType: 'Task',
  status: 'requested',
  intent: 'proposal',
  description: 'An invented wish',
  for: { reference: child },
  requester: { reference: father },
  ...more,
});
const read = async (who: string, path: string) => (await house.as(who, 'GET', `/${path}`)).status;
const put = (who: string, id: string, resource: object) =>
  house.as(who, 'PUT', `/Task/${id}`, { ...resource, id, resourceType: 'Task' });
const made = async (who: string, resource: object): Promise<string> => {
  const answer = await house.as(who, 'POST', '/Task', resource);
  expect([answer.status, answer.text]).toEqual([201, expect.anything()]);
  return answer.headers.get('location')?.split('/Task/')[1]?.split('/')[0] ?? '';
};
const stored = async (id: string) => (await house.as('system', 'GET', `/Task/${id}`)).json;

describe('what a family may not do with Tasks', () => {
  test('a Task that names nobody of the family is not theirs, nor is one of another child, or one in a stranger’s name', async () => {
    const strange = [
      task({ for: { reference: 'Patient/pv-custody' } }),
      task({ requester: { reference: doctor } }),
      task({ requester: { reference: mother } }),
      task({ requester: undefined, owner: { reference: father } }),
      task({ intent: 'order' }),
    ];
    for (const one of strange)
      expect((await house.as(father, 'POST', '/Task', one)).status).toBeGreaterThanOrEqual(400);
    const { json } = await house.as('system', 'GET', `/Task?requester=${father}&_count=50`);
    expect((json.entry ?? []).map(({ resource }: any) => resource.id)).toEqual(['pv-turning-twelve-fathers-wish']);
  });

  test('a new one is asked for, not done already, and refers to nothing that is hidden', async () => {
    for (const status of ['accepted', 'completed', 'in-progress'])
      expect((await house.as(father, 'POST', '/Task', task({ status }))).status).toBe(422);
    await house.as('system', 'PUT', '/Condition/pv-hidden', {
      resourceType: 'Condition',
      id: 'pv-hidden',
      meta: labelled('ADOL'),
      code: { text: 'invented' },
      subject: { reference: child },
    });
    const telling = await house.as(father, 'POST', '/Task', task({ focus: { reference: 'Condition/pv-hidden' } }));
    const nowhere = await house.as(father, 'POST', '/Task', task({ focus: { reference: 'Condition/pv-never' } }));
    expect(telling.status).toBe(422);
    expect([nowhere.status, nowhere.text]).toEqual([telling.status, telling.text.replaceAll('hidden', 'never')]);
  });

  test('nobody answers their own wish, moves what was only shared, deletes, patches or looks at versions', async () => {
    const id = await made(father, task());
    for (const status of ['accepted', 'completed', 'rejected', 'entered-in-error'])
      expect((await put(father, id, task({ status }))).status).toBe(422);
    const told = task({
      intent: 'order',
      requester: { reference: doctor },
      owner: { reference: doctor },
      meta: shared,
    });
    const sharedId = await made('system', told);
    expect((await put(father, sharedId, { ...told, status: 'completed' })).status).toBe(422);
    expect((await put(father, sharedId, { ...told, businessStatus: { text: 'over' } })).status).toBe(422);
    expect((await house.as(father, 'DELETE', `/Task/${id}`)).status).toBe(403);
    expect((await house.as(father, 'GET', `/Task/${id}/_history`)).status).toBe(403);
    const patch = [{ op: 'test', path: '/status', value: 'requested' }];
    const type = { 'Content-Type': 'application/json-patch+json' };
    expect((await house.as(father, 'PATCH', `/Task/${id}`, patch, type)).status).toBe(403);
    const entry = [
      {
        request: { method: 'PATCH', url: `Task/${id}` },
        resource: {
          resourceType: 'Binary',
          contentType: 'application/json-patch+json',
          data: btoa(JSON.stringify(patch)),
        },
      },
    ];
    expect((await house.as(father, 'POST', '', { resourceType: 'Bundle', type: 'batch', entry })).status).toBe(403);
    expect((await stored(id)).status).toBe('requested');
    expect((await stored(sharedId)).status).toBe('requested');
  });

  test('what a family sends back changes how a Task stands; what else it changed is refused by its name, told or not', async () => {
    await house.as('system', 'PUT', '/Condition/pv-kept', {
      resourceType: 'Condition',
      id: 'pv-kept',
      meta: labelled('VIO'),
      code: { text: 'invented' },
      subject: { reference: child },
    });
    const whole = task({
      intent: 'order',
      requester: { reference: doctor },
      owner: { reference: father },
      text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Invented</div>' },
      input: [{ type: { text: 'about' }, valueReference: { reference: 'Condition/pv-kept' } }],
      note: [{ text: 'Of the staff', authorReference: { reference: doctor } }],
    });
    const id = await made('system', whole);
    const told = (await house.as(father, 'GET', `/Task/${id}`)).json;
    expect(told.input).toBeUndefined();
    expect(told.text).toBeUndefined();
    const before = await stored(id);
    const changed = [
      { description: 'Another' },
      { owner: { reference: doctor } },
      { executionPeriod: { end: '2026-11-23' } },
      { input: [{ type: { text: 'about' }, valueReference: { reference: child } }] },
      { contained: [{ resourceType: 'Appointment', id: 'own', status: 'booked', participant: [] }] },
    ];
    for (const more of changed) {
      const [element] = Object.keys(more);
      const refused = await put(father, id, { ...told, status: 'completed', ...more });
      expect([element, refused.status, refused.text]).toEqual([
        element,
        422,
        expect.stringContaining(`Task.${element}`),
      ]);
      const entry = [
        { request: { method: 'PUT', url: `Task/${id}` }, resource: { ...told, status: 'completed', ...more } },
      ];
      const many = await house.as(father, 'POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
      expect([many.status, many.text]).toEqual([422, expect.stringContaining(`Task.${element}`)]);
    }
    expect(await stored(id)).toEqual(before);
    const sent = { ...told, status: 'completed', meta: shared };
    const answer = await put(father, id, { ...sent, note: [...told.note, { text: 'It is done.' }] });
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain('pv-kept');
    const { meta: _meta, id: _id, ...now } = await stored(id);
    const note = [...(whole as any).note, { text: 'It is done.' }];
    expect(now).toEqual({ ...whole, status: 'completed', note });
    expect((await stored(id)).meta.tag).toBeUndefined();
  });
});

describe('what a family does', () => {
  test('asks for something, finds it, takes it back with a reason; and it stays taken back', async () => {
    const id = await made(father, task());
    expect(await read(father, `Task/${id}`)).toBe(200);
    expect(await read(mother, `Task/${id}`)).toBe(404);
    const found = await house.as(father, 'GET', `/Task?requester=${father}&_count=50`);
    expect(found.json.entry.map(({ resource }: any) => resource.id)).toContain(id);
    const back = await put(father, id, task({ status: 'cancelled', statusReason: { text: 'We changed our mind.' } }));
    expect(back.status).toBe(200);
    expect((await stored(id)).statusReason).toEqual({ text: 'We changed our mind.' });
    expect((await put(father, id, task({ status: 'requested' }))).status).toBe(422);
  });

  test('does what it was asked to do', async () => {
    const path = 'pv-turning-twelve-fathers-errand';
    const told = (await house.as(father, 'GET', `/Task/${path}`)).json;
    for (const status of ['accepted', 'completed'])
      expect((await put(father, path, { ...told, status })).status).toBe(200);
    expect((await stored(path)).status).toBe('completed');
  });

  test('withdraws from a referral that it knows of, by the rules of referrals', async () => {
    const referral = await house.as('system', 'POST', '/ServiceRequest', {
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      code: { text: 'Invented help' },
      subject: { reference: child },
      requester: { reference: doctor },
    });
    const focus = { reference: `ServiceRequest/${referral.json.id}` };
    const told = task({
      status: 'accepted',
      intent: 'order',
      code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] },
      requester: { reference: doctor },
      owner: { reference: doctor },
      basedOn: [focus],
      focus,
      meta: shared,
    });
    const id = await made('system', told);
    expect((await put(father, id, { ...told, status: 'completed' })).status).toBe(422);
    const wish = { coding: [{ system: 'http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS', code: '5.2' }] };
    const reason = { text: 'We moved away.' };
    const asked = await put(father, id, { ...told, status: 'in-progress', businessStatus: wish, statusReason: reason });
    expect([asked.status, asked.text]).toEqual([200, expect.anything()]);
    expect((await stored(id)).businessStatus.coding[0].code).toBe('5.2');
  });

  test('of a teen the father is told his own, without the reasons and notes of others; the teen’s own wish is the teen’s', async () => {
    const reason = { reasonCode: { text: 'Invented reason' }, note: [{ text: 'Invented remark' }] };
    const id = await made('system', task({ ...reason, owner: { reference: doctor } }));
    house.at(asTeen);
    const told = await house.as(father, 'GET', `/Task/${id}`);
    expect(told.status).toBe(200);
    expect(told.text).not.toMatch(/Invented re/);
    expect((await house.as(father, 'GET', '/Task?reason-code=x')).status).toBeGreaterThanOrEqual(400);
    const own = await made(child, task({ requester: { reference: child } }));
    expect(await read(child, `Task/${own}`)).toBe(200);
    expect(await read(father, `Task/${own}`)).toBe(404);
    expect(await read(child, `Task/${id}`)).toBe(404);
    expect((await house.as(father, 'GET', '/Task?_summary=count')).json.total).toBe(
      (await house.as(father, 'GET', '/Task?_count=100')).json.entry.length,
    );
    const answer = await put(father, id, { ...told.json, status: 'cancelled' });
    expect(answer.status).toBe(200);
    expect((await stored(id)).note).toEqual([{ text: 'Invented remark' }]);
  });
});
