import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { compactDecrypt } from 'jose';
import { addRole } from '../../src/access/policy/roles.ts';
import { openPrivacyHouse, type PrivacyHouse } from '../access/support/privacy-house.ts';
import * as r from '../care/emergency/records.ts';
import { unwrap } from '../support/house.ts';
import * as j from './support/nicu-child.ts';

/**
 * Juno's mother makes a link to the emergency plan for the day care, and one for the fridge. Whoever has the code and the passcode reads the plan as it is
 * then; whoever guesses closes the link; and when she closes it herself, nobody reads anything.
 */
let house: PrivacyHouse;
const path = `/Patient/${j.childId}`;
const passcode = 'osito-2019';

beforeAll(async () => {
  house = await openPrivacyHouse('2026-11-20T10:00:00-05:00');
  const put = async (...resources: any[]) => {
    const entry = resources.map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    }));
    const answer = await house.as('system', 'POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
    expect({ status: answer.status, issue: answer.json?.issue }).toEqual({ status: 200 });
  };
  await put(...j.town());
  await put(...j.record());
  const composed = await house.as(j.lead, 'POST', `${path}/$compose-shared-plan`);
  const device = r.scenario('s1', j.childId, ['device-failure']);
  const power = r.scenario('s2', j.childId, ['power-failure']);
  const plan = r.emergencyPlan(j.childId, ['s1', 's2'], { partOf: [{ reference: `CarePlan/${composed.json.id}` }] });
  await put(device, power, plan);
  const closed = { coding: [{ system: 'http://careweave.org/fhir/CodeSystem/privacy-flag', code: 'protected-chart' }] };
  await put({ resourceType: 'Flag', id: 'closed', status: 'active', code: closed, subject: j.child });
  unwrap(await addRole(house.store, j.emergencyDoctor, 'break-glass'));
}, 120_000);
afterAll(() => house?.shut());

const parameters = (given: Record<string, string>) => ({
  resourceType: 'Parameters',
  parameter: Object.entries(given).map(([name, valueString]) => ({ name, valueString })),
});
const make = (who: string, given: Record<string, string> = { passcode }) =>
  house.as(who, 'POST', `${path}/$emergency-link`, parameters(given));
const told = ({ json }: { json: any }, name: string) => {
  const found = json.parameter.find((one: any) => one.name === name) ?? {};
  return Object.entries(found).find(([key]) => key.startsWith('value'))?.[1] as string;
};
/** As somebody's phone reads it. */
function payloadOf(uri: string) {
  expect(uri).toMatch(/^shlink:\/[A-Za-z0-9_-]+$/);
  return JSON.parse(Buffer.from(uri.slice('shlink:/'.length), 'base64url').toString());
}
async function ask(url: string, given: object, recipient = 'Sunny Day Care') {
  const headers = { 'Content-Type': 'application/json', Origin: 'https://viewer.example' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ recipient, ...given }) });
  return { status: answer.status, headers: answer.headers, json: (await answer.json()) as any };
}
async function opened(jwe: string, key: string) {
  const { plaintext, protectedHeader } = await compactDecrypt(jwe, Buffer.from(key, 'base64url'));
  expect(protectedHeader).toEqual({ alg: 'dir', enc: 'A256GCM', cty: 'application/fhir+json' });
  return JSON.parse(new TextDecoder().decode(plaintext));
}
const tasks = async () =>
  (
    (await house.as('system', 'GET', `/Task?patient=${j.childId}&code=emergency-link-notice&_count=50`)).json.entry ??
    []
  ).map((one: any) => one.resource);
const linksOf = async (who = j.mother) =>
  ((await house.as(who, 'GET', `${path}/$emergency-links`)).json.parameter ?? []).map(({ part }: any) =>
    Object.fromEntries(part.map((one: any) => [one.name, Object.entries(one).find(([key]) => key !== 'name')?.[1]])),
  );

describe('who may make a link, and how', () => {
  test.each([
    ['too short a passcode', { passcode: '12345' }],
    ['more days than a link with a passcode has', { passcode, days: '367' }],
    ['more days than one without has', { days: '8' }],
    ['no days', { passcode, days: '0' }],
    ['a language that we do not speak', { passcode, language: 'fr' }],
    ['too long a label', { passcode, label: 'x'.repeat(81) }],
    ['an unknown parameter', { passcode, color: 'red' }],
  ])('refuses %s', async (_name, given) => {
    expect((await make(j.mother, given as Record<string, string>)).status).toBe(400);
  });

  test('a passcode in the address is refused: addresses are written down', async () => {
    const answer = await house.as(j.mother, 'POST', `${path}/$emergency-link?passcode=${passcode}`);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('never in an address');
  });

  test('whoever does not see the plan, a system, and whoever only broke the glass find none', async () => {
    expect((await make('RelatedPerson/somebody-else')).status).toBe(404);
    expect((await make('system')).status).toBe(404);
    expect((await make(j.emergencyDoctor)).status).toBe(404);
    const glass = parameters({ reason: 'ETREAT', explanation: 'Seizing in the emergency room' });
    expect((await house.as(j.emergencyDoctor, 'POST', `${path}/$break-glass`, glass)).status).toBe(200);
    expect((await house.as(j.emergencyDoctor, 'GET', `${path}/$emergency-plan`)).status).toBe(200);
    expect((await make(j.emergencyDoctor)).status).toBe(404);
    expect(await linksOf()).toEqual([]);
  });
});

describe('a link with a passcode', () => {
  let payload: { url: string; key: string; exp: number; flag: string; label: string; v: number };
  let id: string;

  test('S1.28 is a SMART Health Link whose address and key the server does not keep', async () => {
    const made = await make(j.mother, { passcode, label: 'Juno at day care', days: '30' });
    expect({ status: made.status, issue: made.json.issue }).toEqual({ status: 200 });
    payload = payloadOf(told(made, 'link'));
    id = told(made, 'id');
    expect(payload).toMatchObject({ flag: 'P', label: 'Juno at day care', v: 1 });
    expect(payload.exp).toBe(Date.parse('2026-12-20T15:00:00Z') / 1000);
    expect(payload.key).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(payload.url.startsWith(`${house.url}/shl/`)).toBe(true);
    expect(payload.url.length).toBeLessThanOrEqual(128);
    const rows = await house.store.query<Record<string, unknown>>('SELECT * FROM emergency_link', []);
    const kept = rows.map((row) =>
      Object.values(row).map((one) => (Buffer.isBuffer(one) ? one.toString('hex') : String(one))),
    );
    const secret = payload.url.split('/').at(-1) ?? '';
    for (const text of [secret, payload.key, passcode])
      for (const form of [text, Buffer.from(text).toString('hex'), Buffer.from(text, 'base64url').toString('hex')])
        expect(JSON.stringify(kept)).not.toContain(form);
  });

  test('S1.28 a manifest is told for the passcode alone, and its file is the plan as her mother sees it', async () => {
    expect((await ask(payload.url, { recipient: undefined })).status).toBe(400);
    const without = await ask(payload.url, {});
    expect({ status: without.status, json: without.json }).toEqual({ status: 401, json: { remainingAttempts: 5 } });
    const wrong = await ask(payload.url, { passcode: 'osita-2019' });
    expect({ status: wrong.status, json: wrong.json }).toEqual({ status: 401, json: { remainingAttempts: 4 } });
    const answer = await ask(payload.url, { passcode });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const [file] = answer.json.files;
    expect(answer.json.files).toHaveLength(1);
    expect(file.contentType).toBe('application/fhir+json');
    const bundle = await opened(file.embedded, payload.key);
    expect(bundle).toMatchObject({ resourceType: 'Bundle', type: 'document' });
    expect(JSON.stringify(bundle)).toContain('Take the ventilator off and squeeze the bag');
    const own = (await house.as(j.mother, 'GET', `${path}/$emergency-plan`)).json;
    expect(bundle.entry.map((one: any) => one.resource)).toEqual(own.entry.map((one: any) => one.resource));
    const theirs = (await house.as('system', 'GET', `${path}/$emergency-plan`)).json;
    expect(theirs.entry.length).toBeGreaterThanOrEqual(own.entry.length);
    const other = await compactDecrypt(file.embedded, Buffer.alloc(32, 1)).catch(() => 'closed');
    expect(other).toBe('closed');
  });

  test('a file that is longer than the asker wants is fetched apart, once', async () => {
    const answer = await ask(payload.url, { passcode, embeddedLengthMax: 100 });
    const [{ location, embedded }] = answer.json.files;
    expect(embedded).toBeUndefined();
    const fetched = await fetch(location);
    expect(fetched.headers.get('content-type')).toContain('application/jose');
    expect((await opened(await fetched.text(), payload.key)).resourceType).toBe('Bundle');
    expect((await fetch(location)).status).toBe(404);
    const late = (await ask(payload.url, { passcode, embeddedLengthMax: 100 })).json.files[0].location;
    house.at('2026-11-20T10:20:00-05:00');
    expect((await fetch(late)).status).toBe(404);
  });

  test('it is told fresh: what changed since is in it', async () => {
    const changed = r.scenario('s1', j.childId, ['device-failure'], {
      reasonCode: [{ text: 'The new alarm of the new machine' }],
    });
    expect((await house.as('system', 'PUT', '/RequestGroup/s1', changed)).status).toBe(200);
    const [file] = (await ask(payload.url, { passcode })).json.files;
    expect(JSON.stringify(await opened(file.embedded, payload.key))).toContain('The new alarm of the new machine');
  });

  test('the lead coordinator and her mother are told, once a day; the audit trail has every opening and every wrong passcode', async () => {
    const today = await tasks();
    expect(today.map(({ owner }: any) => owner.reference).sort()).toEqual([j.lead, j.mother].sort());
    expect(
      (await house.as(j.mother, 'GET', `/Task/${today.find(({ owner }: any) => owner.reference === j.mother).id}`))
        .status,
    ).toBe(200);
    house.at('2026-11-21T10:20:00-05:00');
    expect((await ask(payload.url, { passcode })).status).toBe(200);
    expect(await tasks()).toHaveLength(4);
    const entries = await house.as('client/auditor', 'GET', `/AuditEvent?patient=${j.childId}&_count=200`);
    const ofLinks = entries.json.entry
      .map((one: any) => one.resource)
      .filter((one: any) => JSON.stringify(one).includes('health-link'));
    const refused = ofLinks.filter(({ outcome }: any) => outcome !== '0');
    expect(refused.length).toBe(2);
    expect(ofLinks.length - refused.length).toBe(6);
    expect(JSON.stringify(entries.json)).not.toContain(payload.url.split('/').at(-1));
    expect(await linksOf()).toMatchObject([{ id, status: 'open', flag: 'P', mine: true, openings: 5 }]);
    expect(await linksOf(j.lead)).toMatchObject([{ id, mine: false }]);
    expect(JSON.stringify(await linksOf(j.lead))).not.toContain('mother');
  });

  test('whoever sees the plan closes it, and then nobody reads anything', async () => {
    const close = (who: string, link: string) =>
      house.as(who, 'POST', `${path}/$revoke-emergency-link`, parameters({ link }));
    expect((await close('RelatedPerson/somebody-else', id)).status).toBe(404);
    const waiting = (await ask(payload.url, { passcode, embeddedLengthMax: 0 })).json.files[0].location;
    expect((await close(j.lead, id)).status).toBe(200);
    expect((await ask(payload.url, { passcode })).status).toBe(404);
    expect((await fetch(waiting)).status).toBe(404);
    expect((await close(j.lead, id)).status).toBe(404);
    expect(await linksOf()).toMatchObject([{ status: 'revoked' }]);
    const [row] = await house.store.query<{ sealed: unknown }>('SELECT sealed FROM emergency_link', []);
    expect(row?.sealed).toBeNull();
  });
});

describe('what ends a link by itself', () => {
  test('five wrong passcodes, however they come, close it for good, and people are told', async () => {
    const payload = payloadOf(told(await make(j.mother), 'link'));
    const before = (await tasks()).length;
    const guesses = await Promise.all(
      Array.from({ length: 12 }, (_, at) => ask(payload.url, { passcode: `guess-${at}` })),
    );
    const statuses = guesses.map(({ status }) => status).sort();
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 404)).toHaveLength(7);
    expect((await ask(payload.url, { passcode })).status).toBe(404);
    expect((await linksOf()).map(({ status }: any) => status).sort()).toEqual(['passcodes', 'revoked']);
    expect((await tasks()).length).toBe(before + 2);
  });

  test('its time', async () => {
    const payload = payloadOf(told(await make(j.mother, { passcode, days: '1', label: 'A day' }), 'link'));
    house.at('2026-11-22T10:19:59-05:00');
    expect((await ask(payload.url, { passcode })).status).toBe(200);
    house.at('2026-11-22T10:20:01-05:00');
    expect((await ask(payload.url, { passcode })).status).toBe(404);
    expect((await linksOf()).find(({ label }: any) => label === 'A day')).toMatchObject({ status: 'expired' });
  });

  test('that whoever made it does not see the plan any more', async () => {
    const payload = payloadOf(told(await make(j.mother, { passcode }), 'link'));
    expect((await ask(payload.url, { passcode })).status).toBe(200);
    const consents = await house.as('system', 'GET', `/Consent?patient=${j.childId}&_count=50`);
    const hers = consents.json.entry
      .map((one: any) => one.resource)
      .filter((one: any) => JSON.stringify(one).includes(j.mother));
    expect(hers.length).toBeGreaterThan(0);
    for (const one of hers)
      expect((await house.as('system', 'PUT', `/Consent/${one.id}`, { ...one, status: 'inactive' })).status).toBe(200);
    expect((await ask(payload.url, { passcode })).status).toBe(404);
    for (const one of hers) await house.as('system', 'PUT', `/Consent/${one.id}`, { ...one, status: 'active' });
    expect((await ask(payload.url, { passcode })).status).toBe(200);
  });
});

describe('a link without a passcode', () => {
  test('leads straight to the file, for days only; nobody asks it for a manifest', async () => {
    const made = await make(j.lead, {});
    const payload = payloadOf(told(made, 'link'));
    expect(payload.flag).toBe('U');
    expect((await fetch(payload.url)).status).toBe(400);
    const answer = await fetch(`${payload.url}?recipient=Ambulance`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('application/jose');
    expect((await opened(await answer.text(), payload.key)).type).toBe('document');
    expect((await ask(payload.url, { passcode: 'anything' })).status).toBe(404);
    const other = payloadOf(told(await make(j.mother), 'link'));
    expect((await fetch(`${other.url}?recipient=Ambulance`)).status).toBe(404);
  });

  test.each(['x', 'A'.repeat(43), `${'A'.repeat(43)}/..`])(
    'an address of no link finds nothing: %s',
    async (secret) => {
      expect((await ask(`${house.url}/shl/${secret}`, { passcode })).status).toBe(404);
      expect((await fetch(`${house.url}/shl/${secret}?recipient=me`)).status).toBe(404);
    },
  );
});

test('a child has only so many open links', async () => {
  const statuses: number[] = [];
  for (let made = 0; made < 11; made += 1) statuses.push((await make(j.mother)).status);
  expect(statuses.at(-1)).toBe(422);
});
