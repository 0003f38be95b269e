import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { backendToken } from '../../../scripts/bench/backend-token.ts';
import { openTestHouse, type TestHouse } from '../../support/house.ts';

/** The audit trail over the whole house: what a request leaves, whatever comes of it. */
let house: TestHouse;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  house = await openTestHouse();
  for (const [name, scope] of [
    ['all', 'system/*.cruds'],
    ['goals', 'system/Goal.rs'],
    ['officer', 'system/AuditEvent.rs'],
  ] as const)
    tokens[name] = await backendToken(
      house.url,
      await house.command('client', 'add', '--name', name, '--scopes', scope),
      scope,
    );
  await seed();
});

afterAll(() => house.shut());

async function seed(): Promise<void> {
  for (const child of ['a', 'b']) {
    await send('PUT', `/Patient/${child}`, 'all', { resourceType: 'Patient', id: child, birthDate: '2015-01-01' });
    await send('PUT', `/Goal/goal-${child}`, 'all', goal(child));
  }
  await send('PUT', '/Organization/org', 'all', { resourceType: 'Organization', id: 'org', name: 'Clinic' });
  await send('PUT', '/Goal/gone', 'all', { ...goal('a'), id: 'gone' });
  await send('DELETE', '/Goal/gone', 'all');
}

function goal(child: string) {
  return {
    resourceType: 'Goal',
    id: `goal-${child}`,
    lifecycleStatus: 'active',
    description: { text: 'walk' },
    subject: { reference: `Patient/${child}` },
  };
}

async function send(
  method: string,
  path: string,
  as: string | undefined,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const answer = await fetch(`${house.url}/fhir${path}`, {
    method,
    headers: {
      ...(as !== undefined && { Authorization: `Bearer ${tokens[as] ?? as}` }),
      ...(body !== undefined && { 'Content-Type': 'application/fhir+json' }),
      ...headers,
    },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, requestId: answer.headers.get('x-request-id') ?? '', text };
}

/** What the trail holds of a request. */
async function entriesOf(requestId: string): Promise<{ patients: string[]; kept: any }[]> {
  const rows = await house.store.query<{ patients: string[]; entry: string }>(
    `SELECT patients, entry FROM (SELECT seq, patients, entry FROM audit_event UNION ALL SELECT seq, patients, entry FROM audit_pending) AS known
      WHERE entry::json ->> 'request' = $1 ORDER BY seq`,
    [requestId],
  );
  return rows.map(({ patients, entry }) => ({ patients, kept: JSON.parse(entry) }));
}

type Case = [
  name: string,
  as: string | undefined,
  method: string,
  path: string,
  status: number,
  entry: { act: string; patients?: string[] },
  body?: unknown,
  headers?: Record<string, string>,
];

const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const bundle = (type: string, ...entry: object[]) => ({ resourceType: 'Bundle', type, entry });
const newGoal = () => {
  const { id: _, ...rest } = goal('a');
  return rest;
};

/** Each kind of request, served and refused. */
const cases: Case[] = [
  ['read', 'all', 'GET', '/Goal/goal-a', 200, { act: 'read', patients: ['a'] }],
  ['read of the patient', 'all', 'GET', '/Patient/b', 200, { act: 'read', patients: ['b'] }],
  ['read of what is nobody’s', 'all', 'GET', '/Organization/org', 200, { act: 'read' }],
  ['head', 'all', 'HEAD', '/Goal/goal-a', 200, { act: 'read', patients: ['a'] }],
  [
    'read of what the caller knows',
    'all',
    'GET',
    '/Goal/goal-a',
    304,
    { act: 'read', patients: ['a'] },
    undefined,
    { 'If-None-Match': '*' },
  ],
  ['read, absent', 'all', 'GET', '/Goal/none', 404, { act: 'read' }],
  ['read, deleted', 'all', 'GET', '/Goal/gone', 410, { act: 'read', patients: ['a'] }],
  ['read, out of scope', 'goals', 'GET', '/Patient/a', 403, { act: 'read', patients: ['a'] }],
  ['read, no token', undefined, 'GET', '/Goal/goal-a', 401, { act: 'read', patients: ['a'] }],
  ['read, bad token', 'x.y.z', 'GET', '/Goal/goal-a', 401, { act: 'read', patients: ['a'] }],
  ['read, wrong parameter', 'all', 'GET', '/Goal/goal-a?_sumary=true', 400, { act: 'read', patients: ['a'] }],
  ['vread', 'all', 'GET', '/Goal/goal-a/_history/1', 200, { act: 'vread', patients: ['a'] }],
  ['vread, absent', 'all', 'GET', '/Goal/goal-a/_history/9', 404, { act: 'vread', patients: ['a'] }],
  ['history', 'all', 'GET', '/Goal/goal-a/_history', 200, { act: 'history', patients: ['a'] }],
  ['history of a type', 'all', 'GET', '/Goal/_history', 200, { act: 'history-type', patients: ['a', 'b'] }],
  [
    'history of the system',
    'all',
    'GET',
    '/_history?_count=1000',
    200,
    { act: 'history-system', patients: ['a', 'b'] },
  ],
  ['search', 'all', 'GET', '/Goal', 200, { act: 'search', patients: ['a', 'b'] }],
  ['search of one patient', 'all', 'GET', '/Goal?patient=a', 200, { act: 'search', patients: ['a'] }],
  ['search that finds nothing', 'all', 'GET', '/Condition?subject=Patient/b', 200, { act: 'search', patients: ['b'] }],
  ['search with includes', 'goals', 'GET', '/Goal?_id=goal-a', 200, { act: 'search', patients: ['a'] }],
  [
    'search by a form',
    'all',
    'POST',
    '/Goal/_search',
    200,
    { act: 'search', patients: ['b'] },
    'patient=Patient/b',
    form,
  ],
  ['search, out of scope', 'goals', 'GET', '/Condition?patient=a', 403, { act: 'search', patients: ['a'] }],
  ['search, wrong parameter', 'all', 'GET', '/Goal?nothing=1', 400, { act: 'search' }],
  ['search of the system', 'all', 'GET', '/?_type=Goal&_id=goal-b', 200, { act: 'search-system', patients: ['b'] }],
  ['search of a compartment', 'all', 'GET', '/Patient/a/Goal', 200, { act: 'search-compartment', patients: ['a'] }],
  ['everything', 'all', 'GET', '/Patient/b/$everything', 200, { act: 'operation', patients: ['b'] }],
  ['an operation that is not', 'all', 'GET', '/Patient/b/$nothing', 404, { act: 'operation', patients: ['b'] }],
  ['create', 'all', 'POST', '/Goal', 201, { act: 'create', patients: ['a'] }, newGoal()],
  ['create, invalid', 'all', 'POST', '/Goal', 422, { act: 'create' }, { resourceType: 'Goal' }],
  ['create, no JSON', 'all', 'POST', '/Goal', 400, { act: 'create' }, '{'],
  ['create, out of scope', 'goals', 'POST', '/Goal', 403, { act: 'create' }, newGoal()],
  [
    'create of what is there',
    'all',
    'POST',
    '/Goal',
    200,
    { act: 'create', patients: ['b'] },
    newGoal(),
    { 'If-None-Exist': '_id=goal-b' },
  ],
  [
    'update',
    'all',
    'PUT',
    '/Goal/goal-a',
    200,
    { act: 'update', patients: ['a'] },
    { ...goal('a'), lifecycleStatus: 'on-hold' },
  ],
  ['update that changes nothing', 'all', 'PUT', '/Goal/goal-b', 200, { act: 'update', patients: ['b'] }, goal('b')],
  [
    'update as create',
    'all',
    'PUT',
    '/Goal/goal-new',
    201,
    { act: 'update', patients: ['a'] },
    { ...goal('a'), id: 'goal-new' },
  ],
  [
    'update, stale',
    'all',
    'PUT',
    '/Goal/goal-a',
    412,
    { act: 'update', patients: ['a'] },
    goal('a'),
    { 'If-Match': 'W/"99"' },
  ],
  [
    'patch',
    'all',
    'PATCH',
    '/Goal/goal-b',
    200,
    { act: 'patch', patients: ['b'] },
    [{ op: 'replace', path: '/lifecycleStatus', value: 'on-hold' }],
    { 'Content-Type': 'application/json-patch+json' },
  ],
  ['delete', 'all', 'DELETE', '/Goal/goal-new', 204, { act: 'delete', patients: ['a'] }],
  ['delete of what is not', 'all', 'DELETE', '/Goal/never', 204, { act: 'delete' }],
  [
    'batch of reads',
    'all',
    'POST',
    '/',
    200,
    { act: 'batch', patients: ['a', 'b'] },
    bundle(
      'batch',
      { request: { method: 'GET', url: 'Goal/goal-a' } },
      { request: { method: 'GET', url: 'Patient/b' } },
    ),
  ],
  [
    'transaction',
    'all',
    'POST',
    '/',
    200,
    { act: 'transaction', patients: ['a', 'b'] },
    bundle(
      'transaction',
      { resource: newGoal(), request: { method: 'POST', url: 'Goal' } },
      { request: { method: 'GET', url: 'Goal/goal-b' } },
    ),
  ],
  [
    'transaction, refused',
    'all',
    'POST',
    '/',
    404,
    { act: 'transaction', patients: ['a'] },
    bundle(
      'transaction',
      { resource: goal('a'), request: { method: 'PUT', url: 'Goal/goal-a' } },
      { request: { method: 'GET', url: 'Goal/none' } },
    ),
  ],
  ['a path that is not', 'all', 'GET', '/Nothing', 404, { act: 'none' }],
  ['a method that is not', 'all', 'DELETE', '/metadata', 405, { act: 'none' }],
  ['a path that is no text', 'all', 'GET', '/%E0%A4%A', 400, { act: 'none' }],
  [
    'another format',
    'all',
    'GET',
    '/Goal/goal-a',
    406,
    { act: 'read', patients: ['a'] },
    undefined,
    { Accept: 'application/fhir+xml' },
  ],
  [
    'reading the trail',
    'officer',
    'GET',
    '/AuditEvent?patient=b&_count=1',
    200,
    { act: 'audit-read', patients: ['b'] },
  ],
  ['reading the trail, refused', 'all', 'GET', '/AuditEvent?patient=b', 403, { act: 'audit-read', patients: ['b'] }],
  ['writing the trail', 'all', 'POST', '/AuditEvent', 405, { act: 'create' }, { resourceType: 'AuditEvent' }],
];

describe('for what somebody asks', () => {
  const bundleOf = async (path: string): Promise<any> => JSON.parse((await send('GET', path, 'officer')).text);

  test('PP-54 PP-70 the purpose that a client was registered with is told with every access of its tokens, and cannot be an emergency', async () => {
    const scopes = ['--scopes', 'system/Goal.rs'];
    for (const wrong of ['BTG', 'ETREAT', 'treat', 'x y'])
      await expect(house.command('client', 'add', '--name', 'wrong', '--purpose', wrong, ...scopes)).rejects.toThrow(
        'v3-PurposeOfUse',
      );
    const client = await house.command('client', 'add', '--name', 'research', '--purpose', 'HRESCH', ...scopes);
    tokens.research = await backendToken(house.url, client, 'system/Goal.rs');
    const found = await send('GET', '/Goal/goal-a', 'research');
    expect(found.status).toBe(200);
    const { client_id } = JSON.parse(client);
    const events = await bundleOf(`/AuditEvent?agent:identifier=urn:careweave:client|${client_id}&subtype=read`);
    expect(events.entry).toHaveLength(1);
    expect(events.entry[0].resource.purposeOfEvent).toMatchObject([{ coding: [{ code: 'HRESCH' }] }]);
    // Without one nothing is said.
    await send('GET', '/Goal/goal-b', 'goals');
    const others = await bundleOf('/AuditEvent?patient=Patient/b&subtype=read');
    expect(others.entry[0].resource.purposeOfEvent).toBeUndefined();
  });
});

describe('a search over all types', () => {
  test('PP-70 refuses to find AuditEvents with others, instead of finding none', async () => {
    for (const path of ['/?_type=AuditEvent', '/?_type=Goal,AuditEvent', '/Patient/a/*?_type=AuditEvent']) {
      const answer = await send('GET', path, 'all');
      expect([path, answer.status, answer.text]).toEqual([
        path,
        400,
        expect.stringContaining("'_type' cannot name AuditEvent"),
      ]);
    }
    const byOfficer = await send('GET', '/?_type=AuditEvent', 'officer');
    expect(byOfficer.status).toBe(400);
    // The scope comes first, whatever there is.
    expect((await send('GET', '/?_type=AuditEvent', 'goals')).status).toBe(403);
    expect((await send('GET', '/?_type=Goal', 'all')).status).toBe(200);
  });
});

describe('PP-70 every request leaves exactly one entry', () => {
  test.each(cases)('PP-70 %s', async (...row) => {
    const [, as, method, path, status, { act, patients = [] }, body, headers] = row;
    const answer = await send(method, path, as, body, headers);
    expect({ status: answer.status, text: answer.status === status ? '' : answer.text }).toEqual({ status, text: '' });
    const entries = await entriesOf(answer.requestId);
    expect(entries.map(({ kept, ...entry }) => ({ ...entry, act: kept.act }))).toEqual([{ act, patients }]);
    const [{ kept } = { kept: {} }] = entries;
    expect(kept.outcome).toBe(status < 400 ? 'success' : 'refused');
    expect(Buffer.from(kept.query, 'base64').toString()).toMatch(new RegExp(`^${method} /fhir`));
    // Refused before the token is looked at.
    const isKnown = as !== undefined && as in tokens && status !== 406;
    expect(typeof kept.client).toBe(isKnown ? 'string' : 'undefined');
    expect(typeof kept.token).toBe(isKnown ? 'string' : 'undefined');
    expect(JSON.stringify(kept)).not.toMatch(/walk|on-hold|2015-01-01/);
  });

  test('PP-70 each writing entry of a batch is told of in its own commit, with its own patient only', async () => {
    const entry = (child: string) => ({
      resource: { ...goal(child), note: [{ text: 'batch' }] },
      request: { method: 'PUT', url: `Goal/goal-${child}` },
    });
    const answer = await send('POST', '/', 'all', bundle('batch', entry('a'), entry('b')));
    const entries = await entriesOf(answer.requestId);
    expect(entries.map(({ kept, patients }) => [kept.act, patients])).toEqual([
      ['update', ['a']],
      ['update', ['b']],
      ['batch', ['a', 'b']],
    ]);
  });

  test('PP-70 what anybody may read of the server itself leaves none', async () => {
    for (const path of ['/metadata', '/.well-known/smart-configuration']) {
      const answer = await send('GET', path, undefined);
      expect([answer.status, await entriesOf(answer.requestId)]).toEqual([200, []]);
    }
  });

  test('PP-70 a call of a hook leaves one, refused or not', async () => {
    const answer = await fetch(`${house.url}/cds-services/shared-plan`, { method: 'POST', body: '{}' });
    const [entry, ...more] = await entriesOf(answer.headers.get('x-request-id') ?? '');
    expect([entry?.kept.act, entry?.kept.outcome, entry?.kept.status, more]).toEqual(['cds-hook', 'refused', 401, []]);
  });
});

describe('a read that is told of by its own statement', () => {
  const communication = (id: string, about: string, ...recipients: string[]) => ({
    resourceType: 'Communication',
    id,
    status: 'completed',
    subject: { reference: about },
    recipient: recipients.map((reference) => ({ reference })),
  });

  test('PP-70 names the patients that the record names, in each way that a reference to one of ours is written, and nobody else', async () => {
    const whole = `${house.url}/fhir/Patient/b`;
    await send(
      'PUT',
      '/Communication/told-1',
      'all',
      communication('told-1', 'Patient/a', whole, 'Patient/a', 'Organization/org'),
    );
    await send(
      'PUT',
      '/Communication/told-2',
      'all',
      communication('told-2', 'Patient/a/_history/1', 'https://else.example/fhir/Patient/c'),
    );
    for (const [id, patients] of [
      ['told-1', ['a', 'b']],
      ['told-2', ['a']],
    ] as const) {
      const answer = await send('GET', `/Communication/${id}`, 'all');
      const [entry, ...more] = await entriesOf(answer.requestId);
      expect([answer.status, entry?.patients, entry?.kept.touched, more]).toEqual([
        200,
        patients,
        [`Communication/${id}`],
        [],
      ]);
    }
  });

  test('PP-70 says the same as the one that is told apart from its read', async () => {
    const said = async (path: string) => {
      const [entry] = await entriesOf((await send('GET', path, 'all')).requestId);
      const { at: _at, request: _request, query: _query, ...kept } = entry?.kept ?? {};
      return { patients: entry?.patients, keys: Object.keys(entry?.kept ?? {}), kept };
    };
    expect(await said('/Goal/goal-a')).toEqual(await said('/Goal/goal-a?_summary=false'));
    expect(await said('/Patient/a')).toEqual(await said('/Patient/a?_summary=false'));
  });
});

describe('TH-65 without the trail nothing is done', () => {
  beforeEach(() => house.store.query('ALTER TABLE audit_pending RENAME TO audit_away'));
  const back = () => house.store.query('ALTER TABLE audit_away RENAME TO audit_pending');

  test('TH-65 reads and searches are answered 503, refusals too', async () => {
    try {
      expect((await send('GET', '/Goal/goal-a', 'all')).status).toBe(503);
      expect((await send('GET', '/Goal?patient=a', 'all')).status).toBe(503);
      const refused = await send('GET', '/Patient/a', 'goals');
      expect(refused.status).toBe(503);
      expect(refused.text).not.toContain('birthDate');
    } finally {
      await back();
    }
  });

  test('TH-65 a write is not done', async () => {
    const version = async () => (await house.store.read('Goal', 'goal-a'))?.version;
    const before = await version();
    try {
      const answer = await send('PUT', '/Goal/goal-a', 'all', { ...goal('a'), note: [{ text: 'never' }] });
      expect(answer.status).toBeGreaterThanOrEqual(500);
      expect(await version()).toBe(before);
    } finally {
      await back();
    }
  });
});
