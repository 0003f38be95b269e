import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Answer, startHttp, type TestHttp } from '../support/http.ts';

let http: TestHttp;
beforeAll(async () => {
  http = await startHttp();
});
afterAll(() => http.close());

interface Entry {
  fullUrl?: string;
  resource?: Record<string, unknown>;
  request: Record<string, unknown>;
}
const send = (type: 'batch' | 'transaction', entry: Entry[], as = 'all') =>
  http.send('POST', '/fhir', { as, body: { resourceType: 'Bundle', type, entry } });
const post = (resource: Record<string, unknown>, fullUrl?: string, extra: object = {}): Entry => ({
  ...(fullUrl !== undefined && { fullUrl }),
  resource,
  request: { method: 'POST', url: resource.resourceType, ...extra },
});
const put = (resource: Record<string, unknown>, url = `${resource.resourceType}/${resource.id}`): Entry => ({
  resource,
  request: { method: 'PUT', url },
});
const get = (url: string, extra: object = {}): Entry => ({ request: { method: 'GET', url, ...extra } });
const child = (extra: object = {}) => ({ resourceType: 'Patient', name: [{ family: 'Invented' }], ...extra });
const marked = (value: string) => child({ identifier: [{ system: 'urn:test:bundle', value }] });
const goal = (subject: string, extra: object = {}) => ({
  resourceType: 'Goal',
  lifecycleStatus: 'active',
  description: { text: 'walk to school' },
  subject: { reference: subject },
  ...extra,
});
const statuses = (answer: Answer): string[] =>
  answer.json.entry?.map((entry: { response: { status: string } }) => entry.response.status.slice(0, 3)) ?? [
    `whole ${answer.status}`,
  ];
const placeOf = (answer: Answer, index: number): string =>
  answer.json.entry[index].response.location.replace(`${http.url}/fhir/`, '').replace(/\/_history\/\d+$/, '');
const stored = async (answer: Answer, index: number) =>
  (await http.send('GET', `/fhir/${placeOf(answer, index)}`)).json;
const countOf = async (query: string) => (await http.send('GET', `/fhir/${query}&_summary=count`)).json.total;

describe('every form of fullUrl is led to where its resource is', () => {
  const uuid = 'urn:uuid:3fd1e8a2-5d3a-4d0e-9b1f-0d5f6a7b8c9d';
  test.each<[string, string, string]>([
    ['urn:uuid', uuid, uuid],
    ['urn:uuid, the reference in capitals', uuid, uuid.toUpperCase().replace('URN:UUID', 'urn:uuid')],
    ['urn:uuid, the prefix in capitals', uuid.replace('urn:uuid', 'URN:UUID'), uuid],
    ['urn:oid', 'urn:oid:1.2.3.4.5', 'urn:oid:1.2.3.4.5'],
    ['absolute', 'https://elsewhere.example/fhir/Patient/9', 'https://elsewhere.example/fhir/Patient/9'],
    [
      'absolute, the reference with a version',
      'http://elsewhere.example/Patient/9',
      'http://elsewhere.example/Patient/9/_history/2',
    ],
    [
      'absolute, with a port and a longer path',
      'http://elsewhere.example:8080/a/b/Patient/9',
      'http://elsewhere.example:8080/a/b/Patient/9',
    ],
    ['absolute, of no FHIR shape', 'http://elsewhere.example/records?id=9', 'http://elsewhere.example/records?id=9'],
    ['relative', 'Patient/temporary', 'Patient/temporary'],
  ])('%s', async (_name, fullUrl, reference) => {
    const answer = await send('transaction', [post(goal(reference)), post(child(), fullUrl)]);
    expect(statuses(answer)).toEqual(['201', '201']);
    expect((await stored(answer, 0)).subject.reference).toBe(placeOf(answer, 1));
  });

  test('a relative reference is read against the base of its own fullUrl', async () => {
    const answer = await send('transaction', [
      post(goal('Patient/9'), 'http://elsewhere.example/fhir/Goal/1'),
      post(child(), 'http://elsewhere.example/fhir/Patient/9'),
      post(goal('Patient/9'), 'http://other.example/fhir/Goal/1'),
    ]);
    expect((await stored(answer, 0)).subject.reference).toBe(placeOf(answer, 1));
    expect((await stored(answer, 2)).subject.reference).toBe('Patient/9');
  });

  test('in lists, in contained resources, in extensions, as a uri and in the narrative', async () => {
    const div = `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${uuid}">her</a> and ${uuid}</div>`;
    const document = {
      resourceType: 'Basic',
      code: { text: 'x' },
      text: { status: 'generated', div },
      contained: [{ id: 'in', ...goal(uuid) }],
      subject: { reference: uuid },
      identifier: [{ system: 'urn:test', value: uuid }],
      extension: [
        { url: 'http://x.example/a', valueUri: uuid },
        { url: 'http://x.example/b', valueReference: { reference: '#in' } },
        { url: 'http://x.example/c', valueString: uuid },
      ],
    };
    const answer = await send('transaction', [post(document), post(child(), uuid)]);
    expect(statuses(answer)).toEqual(['201', '201']);
    const basic = await stored(answer, 0);
    const place = placeOf(answer, 1);
    expect([basic.subject.reference, basic.contained[0].subject.reference]).toEqual([place, place]);
    expect(basic.extension.map((one: Record<string, unknown>) => one.valueUri ?? one.valueString ?? 'ref')).toEqual([
      place,
      'ref',
      uuid,
    ]);
    expect(basic.identifier[0].value).toBe(uuid);
    expect(basic.text.div).toBe(div.replace(`href="${uuid}"`, `href="${place}"`));
  });

  test.each(['Patient/own', '/Patient/own', 'BASE/Patient/own'])('request.url as %s', async (url) => {
    const resource = child({ id: 'own' });
    const answer = await send('transaction', [
      { resource, request: { method: 'PUT', url: url.replace('BASE', `${http.url}/fhir`) } },
    ]);
    expect(['200', '201']).toContain(statuses(answer)[0]);
  });
});

describe('conditional references', () => {
  test('find what the same transaction makes, whatever the order', async () => {
    const answer = await send('transaction', [
      post(goal('Patient?identifier=urn:test:bundle|made-here')),
      post(marked('made-here')),
    ]);
    expect(statuses(answer)).toEqual(['201', '201']);
    expect((await stored(answer, 0)).subject.reference).toBe(placeOf(answer, 1));
  });
  test('also what has conditional references itself', async () => {
    const plan = {
      resourceType: 'CarePlan',
      status: 'active',
      intent: 'plan',
      subject: { reference: 'Patient?identifier=urn:test:bundle|made-here' },
    };
    const target = goal('Patient?identifier=urn:test:bundle|made-here', {
      identifier: [{ system: 'urn:test:bundle', value: 'g' }],
    });
    const answer = await send('transaction', [
      post({ ...plan, goal: [{ reference: 'Goal?identifier=urn:test:bundle|g' }] }),
      post(target),
    ]);
    expect(statuses(answer)).toEqual(['201', '201']);
    expect((await stored(answer, 0)).goal[0].reference).toBe(placeOf(answer, 1));
  });
  test.each<[string, Entry[], number]>([
    ['no match', [post(goal('Patient?identifier=urn:test:bundle|nobody'))], 412],
    [
      'several, one of them made here',
      [post(marked('two')), post(marked('two')), post(goal('Patient?identifier=urn:test:bundle|two'))],
      412,
    ],
    [
      'a circle of them',
      [
        post(goal('Patient?identifier=urn:test:bundle|nobody')),
        post(goal('Patient?identifier=urn:test:bundle|nobody2')),
      ],
      412,
    ],
    ['criteria that are none', [post(goal('Patient?nonsense=1'))], 400],
  ])('%s undoes the whole', async (_name, entries, status) => {
    const before = await countOf('Patient?_id:missing=false');
    const answer = await send('transaction', entries);
    expect([answer.status, answer.json.resourceType]).toEqual([status, 'OperationOutcome']);
    expect(answer.text).toContain('Bundle.entry[');
    expect(await countOf('Patient?_id:missing=false')).toBe(before);
  });
});

describe('two entries for one resource', () => {
  test.each<[string, Entry[]]>([
    ['PUT and PUT', [put(child({ id: 'twice' })), put(child({ id: 'twice' }))]],
    ['PUT and DELETE', [put(child({ id: 'twice' })), { request: { method: 'DELETE', url: 'Patient/twice' } }]],
    [
      'PUT and a conditional PUT that finds it',
      [put(child({ id: 'there', active: true })), put(marked('there'), 'Patient?identifier=urn:test:bundle|there')],
    ],
    [
      'PUT and a conditional DELETE that finds it',
      [
        put(child({ id: 'there', active: true })),
        { request: { method: 'DELETE', url: 'Patient?identifier=urn:test:bundle|there' } },
      ],
    ],
    [
      'PUT and a conditional PATCH that finds it',
      [
        put(child({ id: 'there', active: true })),
        {
          resource: { resourceType: 'Parameters' },
          request: { method: 'PATCH', url: 'Patient?identifier=urn:test:bundle|there' },
        },
      ],
    ],
    [
      'two conditional PUTs with other criteria',
      [put(marked('there'), 'Patient?identifier=urn:test:bundle|there'), put(marked('there'), 'Patient?_id=there')],
    ],
    [
      'two conditional PUTs that both make it',
      [put({ ...marked('new'), id: 'made' }, 'Patient?identifier=urn:test:bundle|new'), put(child({ id: 'made' }))],
    ],
    [
      'two creates with the same criteria',
      [
        post(marked('c'), undefined, { ifNoneExist: 'identifier=urn:test:bundle|c' }),
        post(marked('c'), undefined, { ifNoneExist: 'identifier=urn:test:bundle|c' }),
      ],
    ],
    [
      'the same fullUrl',
      [
        post(child(), 'urn:uuid:1b4e28ba-2fa1-41d2-883f-0016d3cca427'),
        post(child(), 'urn:uuid:1B4E28BA-2FA1-41D2-883F-0016D3CCA427'),
      ],
    ],
  ])('%s: refused, and nothing is written', async (_name, entries) => {
    await http.send('PUT', '/fhir/Patient/there', { body: { ...marked('there'), id: 'there' } });
    const version = (await http.send('GET', '/fhir/Patient/there')).json.meta.versionId;
    const answer = await send('transaction', entries);
    expect([answer.status, answer.json.resourceType]).toEqual([400, 'OperationOutcome']);
    expect(answer.text).toMatch(/Bundle\.entry\[[01]\]/);
    expect((await http.send('GET', '/fhir/Patient/there')).json.meta.versionId).toBe(version);
    for (const id of ['twice', 'made']) expect((await http.send('GET', `/fhir/Patient/${id}`)).status).toBe(404);
  });
});

describe('reading within a Bundle', () => {
  beforeAll(async () => {
    await http.send('PUT', '/fhir/Patient/read', { body: child({ id: 'read' }) });
    await http.send('PUT', '/fhir/Patient/read', { body: child({ id: 'read', active: true }) });
  });
  const types = (answer: Answer) =>
    answer.json.entry.map(
      (entry: { resource?: { type?: string; resourceType: string; meta?: { versionId: string } } }) =>
        entry.resource?.type ?? entry.resource?.meta?.versionId,
    );
  const entries = [
    get('Patient/read'),
    get('Patient/read/_history/1'),
    get('Patient/read/_history'),
    get('Patient/_history?_count=1'),
    get('_history?_count=1'),
    get('Patient?_id=read'),
  ];
  test.each(['batch', 'transaction'] as const)('a %s: versions and histories too', async (type) => {
    const answer = await send(type, entries);
    expect(statuses(answer)).toEqual(['200', '200', '200', '200', '200', '200']);
    expect(types(answer)).toEqual(['2', '1', 'history', 'history', 'history', 'searchset']);
  });
  test('a transaction reads what it has written', async () => {
    const answer = await send('transaction', [
      get('Patient/read/_history?_count=1'),
      put(child({ id: 'read', active: false })),
    ]);
    expect(answer.json.entry[0].resource.entry[0].resource.active).toBe(false);
  });
  test('conditional reads, HEAD and operations in a batch', async () => {
    const answer = await send('batch', [
      get('Patient/read', { ifNoneMatch: 'W/"3"' }),
      { request: { method: 'HEAD', url: 'Patient/read' } },
      get('Patient/read/_history/9'),
      get('Patient/nobody/_history'),
      get('Patient/read?_elements=active'),
      get('Patient/read?nonsense=1'),
    ]);
    expect(statuses(answer)).toEqual(['304', '200', '404', '404', '200', '400']);
    expect(answer.json.entry[1].resource).toBeUndefined();
    expect(answer.json.entry[4].resource.name).toBeUndefined();
  });
  test.each([
    'Patient/read/_history/1/2',
    '_history/1',
    'Patient/_history/1',
    'Patient/read/_history/$meta',
    'http://elsewhere.example/Patient/1',
    'Patient/a_b',
    ' Patient/read',
    'Patient//read',
  ])('%s is no address', async (url) => {
    const answer = await send('batch', [get(url)]);
    expect(Number(statuses(answer)[0])).toBeGreaterThanOrEqual(400);
    expect(Number(statuses(answer)[0])).toBeLessThan(500);
    expect((await send('transaction', [get(url)])).status).toBe(400);
  });
  test('a token for one child sees that child only, in any form', async () => {
    for (const type of ['batch', 'transaction'] as const) {
      const answer = await send(type, [get('Patient/_history?_count=100'), get('_history?_count=100')], 'child-a');
      expect([answer.status, answer.text.includes('Invented')]).toEqual([200, false]);
    }
  });
});

describe('limits', () => {
  test('5,000 entries that refer to each other are one transaction', async () => {
    const entries: Entry[] = [];
    for (let n = 0; n < 2500; n++) {
      const fullUrl = `urn:uuid:00000000-0000-4000-9000-${String(n).padStart(12, '0')}`;
      entries.push(post(goal(fullUrl)), post(child({ meta: { tag: [{ code: 'many' }] } }), fullUrl));
    }
    const answer = await send('transaction', entries);
    expect(answer.status).toBe(200);
    expect(new Set(statuses(answer))).toEqual(new Set(['201']));
    expect(await countOf('Patient?_tag=many')).toBe(2500);
    expect((await stored(answer, 4998)).subject.reference).toBe(placeOf(answer, 4999));
  });
  test('more than the named limit are refused by it', async () => {
    const answer = await send(
      'batch',
      Array.from({ length: 10_001 }, () => get('Patient/x')),
    );
    expect([answer.status, answer.text.includes('10000')]).toEqual([413, true]);
  });
});
