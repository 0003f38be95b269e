import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { scopeTypes } from '../../src/access/scope-filter.ts';
import { parseScopes } from '../../src/access/scopes.ts';
import type { Principal } from '../../src/access/types.ts';
import { fail, ok } from '../../src/base/errors.ts';
import { limits } from '../../src/base/limits.ts';
import { loadDefinitions } from '../../src/fhir/definitions.ts';
import { type Answer, startHttp, type TestHttp } from '../support/http.ts';

const definitions = loadDefinitions(new URL('../../build/fhir', import.meta.url).pathname);
const app = 'https://app.example';
const other = 'https://other.example';

/** Who asks: a token is the name of one of these. */
const people: Record<string, Omit<Principal, 'scopes'> & { scope: string; sees: readonly string[] }> = {
  doctor: { ...person('Practitioner/doctor'), scope: 'user/*.cruds', sees: ['child', 'other-child'] },
  nurse: { ...person('Practitioner/nurse'), scope: 'user/Basic.cruds', sees: ['child'] },
  mother: {
    ...person('RelatedPerson/mother'),
    patientId: 'child',
    scope: 'patient/Basic.cruds user/Basic.cruds',
    sees: ['child'],
  },
  father: { ...person('RelatedPerson/father'), patientId: 'child', scope: 'patient/Basic.cruds', sees: ['child'] },
  narrow: { ...person('Practitioner/doctor'), scope: `user/Basic.cruds?code=${app}|settings`, sees: ['child'] },
  reader: { ...person('Practitioner/doctor'), scope: 'user/Basic.rs', sees: ['child'] },
  barred: { ...person('RelatedPerson/barred'), patientId: 'child', scope: 'patient/Basic.cruds', sees: [] },
  registered: { ...person('Practitioner/doctor'), clientId: 'registered', scope: 'user/*.cruds', sees: ['child'] },
  elsewhere: { ...person('Practitioner/doctor'), clientId: 'other-app', scope: 'user/*.cruds', sees: ['child'] },
  machine: { kind: 'client', id: 'app', clientId: 'app', scope: 'system/*.cruds', sees: [] },
};

function person(fhirUser: string): Omit<Principal, 'scopes'> {
  return { kind: 'user', id: fhirUser, clientId: 'app', fhirUser };
}

let http: TestHttp;
beforeAll(async () => {
  const origins: Record<string, string> = { app, 'other-app': other };
  const types = scopeTypes(definitions);
  http = await startHttp({
    verifyBearer: async (header = '') => {
      const { scope, ...found } = people[header.replace('Bearer ', '')] ?? { scope: '' };
      if (!('kind' in found)) return fail('unauthorized', 'no');
      return ok({ ...found, scopes: parseScopes(scope, types).resource });
    },
    privacy: {
      admit: async (principal) => {
        if (principal.kind !== 'user') return principal;
        const sees = Object.values(people).find(({ id }) => id === principal.id)?.sees ?? [];
        return { ...principal, view: { grants: [{ types: 'any', patients: sees }], policy: 'test' } };
      },
    },
    webOrigins: {
      stateCodes: async (id) => new Set(id === 'registered' ? ['urn:state|settings'] : []),
      registered: async () => new Set(Object.values(origins)),
      ofClient: async (id) => new Set(origins[id] === undefined ? [] : [origins[id]]),
    },
  });
  for (const id of ['child', 'other-child'])
    await http.send('PUT', `/fhir/Patient/${id}`, { as: 'machine', body: { resourceType: 'Patient', id } });
});
afterAll(() => http?.close());

const text = (valueString: string) => ({ url: `${app}/what`, valueString });
function state(change: Record<string, unknown> = {}): Record<string, unknown> {
  const code = { coding: [{ system: app, code: 'settings' }] };
  return { resourceType: 'Basic', code, extension: [text('{"dark": 1.10}')], ...change };
}
const about = (reference: string) => ({ subject: { reference: `${http.url}/fhir/${reference}` } });

function send(
  as: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return http.send(method, `/app-state/${path}`, { as, body, headers });
}
const find = async (as: string, where: string, code = `${app}|settings`): Promise<any[]> => {
  const answer = await send(as, 'GET', `Basic?code=${encodeURIComponent(code)}&${where}`);
  expect([where, answer.status, answer.json.type]).toEqual([where, 200, 'searchset']);
  expect(answer.json.total).toBe((answer.json.entry ?? []).length);
  return (answer.json.entry ?? []).map(({ resource }: any) => resource);
};
const subject = (reference: string) => `subject=${encodeURIComponent(`${http.url}/fhir/${reference}`)}`;

describe('SC-171: what is no App State is refused as a whole', () => {
  test.each<[string, () => Record<string, unknown>, number]>([
    ['another type', () => ({ resourceType: 'Patient' }), 422],
    ['an id', () => state({ id: 'mine', ...about('Patient/child') }), 422],
    ['a version', () => state({ meta: { versionId: '1' }, ...about('Patient/child') }), 422],
    ['no code', () => state({ code: undefined, ...about('Patient/child') }), 422],
    [
      'two codes',
      () =>
        state({
          code: {
            coding: [
              { system: app, code: 'a' },
              { system: app, code: 'b' },
            ],
          },
        }),
      422,
    ],
    ['a code without a system', () => state({ code: { coding: [{ code: 'a' }] } }), 422],
    ['a code with words', () => state({ code: { coding: [{ system: app, code: 'a' }], text: 'x' } }), 422],
    ['a relative subject', () => state({ subject: { reference: 'Patient/child' } }), 422],
    [
      'a subject elsewhere',
      () => state({ subject: { reference: 'https://elsewhere.example/fhir/Patient/child' } }),
      422,
    ],
    ['a subject that is nobody', () => state(about('Organization/x')), 422],
    ['a subject with words', () => state({ subject: { ...about('Patient/child').subject, display: 'x' } }), 422],
    ['an extension that is a number', () => state({ extension: [{ url: 'x', valueInteger: 1 }] }), 422],
    ['an extension with two values', () => state({ extension: [{ ...text('a'), valueCode: 'b' }] }), 422],
    ['extensions within', () => state({ extension: [{ url: 'x', extension: [text('a')] }] }), 422],
    ['narrative', () => state({ text: { status: 'generated', div: '<div/>' } }), 422],
    ['a contained resource', () => state({ contained: [{ resourceType: 'Patient' }] }), 422],
    ['too much', () => state({ extension: [text('x'.repeat(limits.appState.bytes))], ...about('Patient/child') }), 413],
  ])('%s', async (_name, body, status) => {
    const answer = await send('doctor', 'POST', 'Basic', body());
    expect([answer.status, answer.json.resourceType]).toEqual([status, 'OperationOutcome']);
    expect(await find('doctor', subject('Patient/child'))).toEqual([]);
  });

  test('what is right is kept to the letter, with an ETag', async () => {
    const body = state({
      code: { coding: [{ system: app, code: 'kept', display: 'Kept' }] },
      ...about('Patient/child'),
    });
    const big = 'ü<script>\u2028'.repeat(5000);
    const sent = await send('doctor', 'POST', 'Basic', { ...body, extension: [text(big)] });
    expect([sent.status, sent.headers.get('etag')]).toEqual([201, 'W/"1"']);
    const { id } = sent.json;
    expect(sent.headers.get('location')).toBe(`${http.url}/app-state/Basic/${id}`);
    const read = await send('doctor', 'GET', `Basic/${id}`);
    expect(read.json).toMatchObject({ ...body, extension: [text(big)], id, meta: { versionId: '1' } });
    expect(read.headers.get('content-type')).toMatch(/^application\/fhir\+json/);
    expect(await find('doctor', subject('Patient/child'), `${app}|kept`)).toEqual([read.json]);
  });
});

describe('SC-172: a change', () => {
  test('needs the version that it changes, keeps code and subject, and comes after nothing that was deleted', async () => {
    const place = { code: { coding: [{ system: app, code: 'changing' }] }, ...about('Patient/child') };
    const { json: first } = await send('doctor', 'POST', 'Basic', state(place));
    const put = (body: unknown, headers = {}) => send('doctor', 'PUT', `Basic/${first.id}`, body, headers);
    const next = { ...first, extension: [text('next')] };
    expect((await put(next)).status).toBe(412);
    expect((await put(next, { 'If-Match': 'W/"2"' })).status).toBe(412);
    expect((await put({ ...next, id: 'other' }, { 'If-Match': 'W/"1"' })).status).toBe(422);
    expect((await put({ ...next, ...about('Patient/other-child') }, { 'If-Match': 'W/"1"' })).status).toBe(412);
    expect((await put({ ...next, subject: undefined }, { 'If-Match': 'W/"1"' })).status).toBe(412);
    const moved = { coding: [{ system: app, code: 'moved' }] };
    expect((await put({ ...next, code: moved }, { 'If-Match': 'W/"1"' })).status).toBe(412);
    const done = await put(next, { 'If-Match': 'W/"1"' });
    expect([done.status, done.headers.get('etag'), done.json.extension]).toEqual([200, 'W/"2"', next.extension]);
    const remove = (headers = {}) => send('doctor', 'DELETE', `Basic/${first.id}`, undefined, headers);
    expect((await remove()).status).toBe(412);
    expect((await remove({ 'If-Match': 'W/"1"' })).status).toBe(412);
    expect((await remove({ 'If-Match': 'W/"2"' })).status).toBe(204);
    for (const version of ['W/"2"', 'W/"3"']) {
      expect((await put(next, { 'If-Match': version })).status).toBe(412);
      expect((await remove({ 'If-Match': version })).status).toBe(412);
    }
    expect((await send('doctor', 'GET', `Basic/${first.id}`)).status).toBe(404);
    expect(await find('doctor', subject('Patient/child'), `${app}|changing`)).toEqual([]);
  });

  test('of eight at once one is done', async () => {
    const place = { code: { coding: [{ system: app, code: 'racing' }] }, ...about('Patient/child') };
    const { json: first } = await send('doctor', 'POST', 'Basic', state(place));
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        send('doctor', 'PUT', `Basic/${first.id}`, { ...first, extension: [text(`${at}`)] }, { 'If-Match': 'W/"1"' }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(412)]);
  });
});

describe('SC-173: a search', () => {
  test.each([
    '',
    'subject:missing=true',
    'code=settings&subject:missing=true',
    `code=${app}|settings`,
    `code=${app}|settings,${app}|other&subject:missing=true`,
    `code=${app}|&subject:missing=true`,
    `code=${app}|settings&code=${app}|settings&subject:missing=true`,
    `code=${app}|settings&subject:missing=false`,
    `code=${app}|settings&subject=Patient/child`,
    `code=${app}|settings&subject=https://elsewhere.example/fhir/Patient/child`,
    `code:text=settings&subject:missing=true`,
    `code=${app}|settings&subject:missing=true&_include=Basic:subject`,
    `code=${app}|settings&subject:missing=true&_count=1`,
  ])('that is not by code and subject is refused: %s', async (query) => {
    const answer = await send('doctor', 'GET', `Basic?${query}`);
    expect([answer.status, answer.json.resourceType]).toEqual([400, 'OperationOutcome']);
  });

  test('finds exactly the code and the subject, or what has none', async () => {
    const codes = ['exact', 'EXACT', 'exact2'];
    for (const code of codes)
      for (const place of [about('Patient/child'), about('Practitioner/doctor')])
        await send('doctor', 'POST', 'Basic', state({ code: { coding: [{ system: app, code }] }, ...place }));
    const global = { code: { coding: [{ system: app, code: 'exact' }] }, extension: [text('for all')] };
    expect((await send('machine', 'POST', 'Basic', state(global))).status).toBe(201);
    for (const [where, reference] of [
      [subject('Patient/child'), 'Patient/child'],
      [subject('Practitioner/doctor'), 'Practitioner/doctor'],
    ] as const) {
      const found = await find('doctor', where, `${app}|exact`);
      expect(found.map((one) => one.subject.reference)).toEqual([`${http.url}/fhir/${reference}`]);
      expect(found[0].code.coding[0].code).toBe('exact');
    }
    const missing = await find('doctor', 'subject:missing=true', `${app}|exact`);
    expect(missing.map((one) => [one.subject, one.extension])).toEqual([[undefined, global.extension]]);
  });
});

describe('SC-174: an app reaches', () => {
  const refusedFor = async (as: string, body: Record<string, unknown>) => {
    const answer = await send(as, 'POST', 'Basic', body);
    return [answer.status, answer.json?.issue?.[0]?.code];
  };

  test('only codes whose system is its own origin', async () => {
    const foreign = { code: { coding: [{ system: other, code: 'settings' }] } };
    expect(await refusedFor('doctor', state({ ...foreign, ...about('Patient/child') }))).toEqual([403, 'forbidden']);
    expect(await refusedFor('elsewhere', state(about('Patient/child')))).toEqual([403, 'forbidden']);
    const { json: mine } = await send('doctor', 'POST', 'Basic', state(about('Practitioner/doctor')));
    expect((await send('elsewhere', 'GET', `Basic/${mine.id}`)).status).toBe(404);
    const put = await send('elsewhere', 'PUT', `Basic/${mine.id}`, mine, { 'If-Match': 'W/"1"' });
    const never = await send('elsewhere', 'PUT', `Basic/${crypto.randomUUID()}`, mine, { 'If-Match': 'W/"1"' });
    expect([put.status, never.status]).toEqual([404, 422]);
    expect((await send('doctor', 'GET', `Basic/${mine.id}`)).json).toEqual(mine);
  });

  test('exactly the codes that were registered for it, where any were', async () => {
    const coded = (system: string, code: string) =>
      state({ code: { coding: [{ system, code }] }, ...about('Patient/child') });
    expect((await send('registered', 'POST', 'Basic', coded('urn:state', 'settings'))).status).toBe(201);
    expect(await refusedFor('registered', coded('urn:state', 'other'))).toEqual([403, 'forbidden']);
    expect(await refusedFor('registered', coded(app, 'settings'))).toEqual([403, 'forbidden']);
    expect(await refusedFor('doctor', coded('urn:state', 'settings'))).toEqual([403, 'forbidden']);
  });

  test('only what its scopes let it: the letter, the code', async () => {
    expect(await refusedFor('reader', state(about('Patient/child')))).toEqual([403, 'forbidden']);
    expect((await send('narrow', 'POST', 'Basic', state(about('Practitioner/doctor')))).status).toBe(201);
    const wider = { code: { coding: [{ system: app, code: 'other' }] }, ...about('Practitioner/doctor') };
    expect(await refusedFor('narrow', state(wider))).toEqual([403, 'forbidden']);
  });

  test('only the child of the token, and only while its person may see the child', async () => {
    expect(await refusedFor('mother', state(about('Patient/other-child')))).toEqual([403, 'forbidden']);
    expect(await refusedFor('nurse', state(about('Patient/other-child')))).toEqual([403, 'forbidden']);
    expect(await refusedFor('barred', state(about('Patient/child')))).toEqual([403, 'forbidden']);
    expect(await refusedFor('doctor', state(about('Patient/nobody')))).toEqual([403, 'forbidden']);
    expect(await refusedFor('doctor', state(about('Practitioner/nurse')))).toEqual([403, 'forbidden']);
  });

  test('what is about nobody is written by machines and read by all', async () => {
    const place = { code: { coding: [{ system: app, code: 'global' }] } };
    expect(await refusedFor('doctor', state(place))).toEqual([403, 'forbidden']);
    const { json: kept } = await send('machine', 'POST', 'Basic', state(place));
    for (const as of ['doctor', 'mother']) {
      expect((await send(as, 'GET', `Basic/${kept.id}`)).json).toEqual(kept);
      expect((await send(as, 'DELETE', `Basic/${kept.id}`, undefined, { 'If-Match': 'W/"1"' })).status).toBe(404);
    }
  });

  test('PP-07: what one guardian’s app keeps about a child is nothing to another’s, nor to staff', async () => {
    const place = { code: { coding: [{ system: app, code: 'diary' }] }, ...about('Patient/child') };
    const { json: hers } = await send('mother', 'POST', 'Basic', state(place));
    expect(await find('mother', subject('Patient/child'), `${app}|diary`)).toEqual([hers]);
    for (const as of ['father', 'doctor']) {
      expect(await find(as, subject('Patient/child'), `${app}|diary`)).toEqual([]);
      expect((await send(as, 'GET', `Basic/${hers.id}`)).status).toBe(404);
    }
    const { json: staffs } = await send('doctor', 'POST', 'Basic', state(place));
    expect((await send('nurse', 'GET', `Basic/${staffs.id}`)).json).toEqual(staffs);
    expect((await send('mother', 'GET', `Basic/${staffs.id}`)).status).toBe(404);
  });
});

describe('SC-170: App State is no part of the chart', () => {
  test('no search, no compartment, no $everything and no history brings it up', async () => {
    const canary = 'state-canary';
    const { json: kept } = await send(
      'doctor',
      'POST',
      'Basic',
      state({ ...about('Patient/child'), extension: [text(canary)] }),
    );
    for (const path of [
      'Basic',
      `Basic/${kept.id}`,
      `Basic?code=${app}|settings`,
      'Basic?subject=Patient/child',
      'Patient/child/Basic',
      'Patient/child/*',
      'Patient/child/$everything',
      'Patient?_revinclude=Basic:subject',
      '?_type=Basic',
      'Basic/_history',
      '_history?_count=1000',
    ]) {
      const answer = await http.send('GET', `/fhir/${path}`, { as: 'machine' });
      expect([path, answer.text.includes(canary), answer.text.includes(kept.id) && answer.status < 400]).toEqual([
        path,
        false,
        false,
      ]);
    }
  });

  test('and nothing of the chart is at its address', async () => {
    for (const [method, path, status] of [
      ['GET', 'Patient/child', 404],
      ['GET', 'Patient', 404],
      ['GET', '', 404],
      ['POST', '', 404],
      ['GET', 'Basic/_history', 405],
      ['PATCH', `Basic/${crypto.randomUUID()}`, 405],
      ['GET', 'Basic/$meta', 405],
      ['GET', '$meta', 404],
    ] as const) {
      const body = method === 'PATCH' ? [] : method === 'POST' ? { resourceType: 'Bundle', type: 'batch' } : undefined;
      const headers: Record<string, string> =
        method === 'PATCH' ? { 'Content-Type': 'application/json-patch+json' } : {};
      expect([method, path, (await send('machine', method, path, body, headers)).status]).toEqual([
        method,
        path,
        status,
      ]);
    }
    expect((await send('nobody', 'GET', 'Basic/x')).status).toBe(401);
  });

  test('its capability statement says what it has, to anybody', async () => {
    const answer = await send('nobody', 'GET', 'metadata');
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
    expect(answer.json.rest[0].resource.map(({ type }: any) => type)).toEqual(['Basic']);
  });
});
