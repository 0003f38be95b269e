import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { backendToken } from '../../scripts/bench/backend-token.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { openTestHouse, type TestHouse } from '../support/house.ts';

/** Scopes over real HTTP, from the client that asks for them at the token endpoint to the record that is not given. */
let house: TestHouse;
const tokens = new Map<string, Promise<string>>();
const base = 'http://terminology.hl7.org/CodeSystem';
const category = (code: string) => `category=${base}/observation-category|${code}`;
const lab = `system/Observation.rs?${category('laboratory')}`;
const writing = `system/Observation.cruds?${category('laboratory')}`;

const observation = (id: string, codes: string[], subject = 'kim'): Resource => ({
  resourceType: 'Observation',
  ...(id && { id }),
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8302-2' }] },
  ...(codes.length > 0 && {
    category: codes.map((code) => ({ coding: [{ system: `${base}/observation-category`, code }] })),
  }),
  subject: { reference: `Patient/${subject}` },
});

beforeAll(async () => {
  house = await openTestHouse();
  const records: Resource[] = [
    { resourceType: 'Patient', id: 'kim', name: [{ family: 'Kimball' }], gender: 'female' },
    { resourceType: 'Patient', id: 'leo', name: [{ family: 'Leon' }], gender: 'male' },
    observation('lab', ['laboratory']),
    observation('vital', ['vital-signs']),
    observation('both', ['vital-signs', 'laboratory']),
    observation('social', ['social-history']),
    observation('none', []),
    observation('leos', ['laboratory'], 'leo'),
    observation('deleted', ['laboratory']),
    {
      resourceType: 'List',
      id: 'list',
      status: 'current',
      mode: 'working',
      entry: [{ item: { reference: 'Observation/lab' } }],
    },
  ];
  for (const resource of records)
    expect([
      resource.id,
      (await house.fhir('PUT', `/${resource.resourceType}/${resource.id}`, resource)).status,
    ]).toEqual([resource.id, 201]);
  await house.fhir('DELETE', '/Observation/deleted');
}, 60_000);
afterAll(() => house?.shut());

/** The token of a client that was registered with these scopes and asks for all of them. */
function tokenFor(scopes: string): Promise<string> {
  const made =
    tokens.get(scopes) ??
    house
      .command('client', 'add', '--name', 'app', '--scopes', scopes)
      .then((client) => backendToken(house.url, client, scopes));
  tokens.set(scopes, made);
  return made;
}

async function ask(scopes: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(`${house.url}/fhir/${path}`, {
    method,
    headers: { Authorization: `Bearer ${await tokenFor(scopes)}`, 'Content-Type': 'application/fhir+json', ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const location = answer.headers.get('location');
  return { status: answer.status, location, text, json: text === '' ? undefined : JSON.parse(text) };
}
const idsOf = ({ json }: { json: any }): string[] => (json.entry ?? []).map(({ resource }: any) => resource.id).sort();
const status = async (scopes: string, method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  (await ask(scopes, method, path, body, headers)).status;

describe('outside of a filter', () => {
  test.each(['vital', 'social', 'none', 'nobody', 'deleted'])('SC-154 reading %s is 404, whichever way', async (id) => {
    for (const path of [
      `Observation/${id}`,
      `Observation/${id}/_history`,
      `Observation/${id}/_history/1`,
      `Observation/${id}/$meta`,
    ]) {
      const [hidden, absent] = [await ask(lab, 'GET', path), await ask(lab, 'GET', path.replace(id, 'absent'))];
      expect([path, hidden.status, hidden.json]).toEqual([path, 404, absent.json]);
    }
    expect(await status(lab, 'HEAD', `Observation/${id}`)).toBe(404);
  });

  test.each([
    ['Observation', ['both', 'lab', 'leos']],
    ['Observation?patient=kim', ['both', 'lab']],
    [`Observation?${category('laboratory')}`, ['both', 'lab', 'leos']],
    [`Observation?${category('vital-signs')}`, ['both']],
    ['Observation?category=social-history', []],
    ['Observation?_id=vital,lab', ['lab']],
    ['Observation?_sort=-_id&_count=500', ['both', 'lab', 'leos']],
    ['Observation?category:not=laboratory', []],
    ['?_type=Observation', ['both', 'lab', 'leos']],
    ['', ['both', 'lab', 'leos']],
  ])('SC-154 GET %s finds exactly what matches', async (path, expected) => {
    const found = await ask(lab, 'GET', path);
    expect([found.status, idsOf(found)]).toEqual([200, expected]);
    const counted = await ask(lab, 'GET', `${path}${path.includes('?') ? '&' : '?'}_summary=count`);
    expect(counted.json.total).toBe(expected.length);
  });

  test('SC-154 several scopes of a type are alternatives, pairs within one are not', async () => {
    const either = `${lab} system/Observation.rs?${category('social-history')}`;
    expect(idsOf(await ask(either, 'GET', 'Observation'))).toEqual(['both', 'lab', 'leos', 'social']);
    const each = `system/Observation.rs?${category('laboratory')}&${category('vital-signs')}`;
    expect(idsOf(await ask(each, 'GET', 'Observation'))).toEqual(['both']);
    expect(idsOf(await ask('system/Observation.rs?category=laboratory,social-history', 'GET', 'Observation'))).toEqual([
      'both',
      'lab',
      'leos',
      'social',
    ]);
    // Reading some, searching others.
    const apart = `system/Observation.r?${category('laboratory')} system/Observation.s?${category('vital-signs')}`;
    expect(idsOf(await ask(apart, 'GET', 'Observation'))).toEqual(['both', 'vital']);
    expect([await status(apart, 'GET', 'Observation/vital'), await status(apart, 'GET', 'Observation/lab')]).toEqual([
      404, 200,
    ]);
  });

  test('SC-154 by includes, chains and history neither', async () => {
    const scopes = `${lab} system/Patient.rs system/List.rs`;
    expect(idsOf(await ask(scopes, 'GET', 'Patient?_id=kim&_revinclude=Observation:subject'))).toEqual([
      'both',
      'kim',
      'lab',
    ]);
    expect(idsOf(await ask(scopes, 'GET', 'Patient?_has:Observation:subject:category=social-history'))).toEqual([]);
    expect(idsOf(await ask(scopes, 'GET', 'Patient?_has:Observation:subject:_id=vital'))).toEqual([]);
    expect(idsOf(await ask(scopes, 'GET', 'Patient/kim/*'))).toEqual(['both', 'kim', 'lab']);
    expect(idsOf(await ask(scopes, 'GET', 'Patient/kim/$everything'))).toEqual(['both', 'kim', 'lab']);
    expect(idsOf(await ask(scopes, 'GET', 'Observation/_history?_count=500'))).toEqual(['both', 'lab', 'leos']);
    await house.fhir('PUT', '/Observation/changing', observation('changing', ['laboratory']));
    await house.fhir('PUT', '/Observation/changing', observation('changing', ['survey']));
    await house.fhir('PUT', '/Observation/changing', observation('changing', ['laboratory', 'survey']));
    const versions = (await ask(scopes, 'GET', 'Observation/changing/_history')).json.entry;
    expect(versions.map(({ resource }: any) => resource.meta.versionId)).toEqual(['3', '1']);
    expect(await status(scopes, 'GET', 'Observation/changing/_history/2')).toBe(404);
    await house.fhir('DELETE', '/Observation/changing');
  });
});

describe('SC-156 writing', () => {
  const body = (codes: string[]) => observation('', codes);
  test('nothing is made that does not match, and nothing is taken into the filter or out of it', async () => {
    for (const codes of [[], ['vital-signs']])
      expect(await status(writing, 'POST', 'Observation', body(codes))).toBe(403);
    const before = (await house.fhir('GET', '/Observation/lab')).text;
    expect(await status(writing, 'PUT', 'Observation/lab', observation('lab', ['vital-signs']))).toBe(403);
    const patch = [{ op: 'remove', path: '/category' }];
    expect(
      await status(writing, 'PATCH', 'Observation/lab', patch, { 'Content-Type': 'application/json-patch+json' }),
    ).toBe(403);
    expect((await house.fhir('GET', '/Observation/lab')).text).toBe(before);
    expect(await status(writing, 'PUT', 'Observation/vital', observation('vital', ['laboratory']))).toBe(404);
    expect(await status(writing, 'DELETE', 'Observation/vital')).toBe(404);
    // Whether an id is taken is not told either.
    expect(await status(writing, 'PUT', 'Observation/absent', observation('absent', ['laboratory']))).toBe(404);
    expect((await house.fhir('GET', '/Observation/vital')).json.category[0].coding[0].code).toBe('vital-signs');
  });

  test('what matches before and after is written', async () => {
    const made = await ask(writing, 'POST', 'Observation', body(['laboratory', 'survey']));
    expect(made.status).toBe(201);
    const at = `Observation/${made.json.id}`;
    expect(await status(writing, 'PUT', at, observation(made.json.id, ['laboratory']))).toBe(200);
    expect(await status(writing, 'DELETE', at)).toBe(204);
  });
});

describe('SC-157 TH-31 a filter that is not understood', () => {
  test('is not granted: alone there is no token, beside others it is missing', async () => {
    const ceiling = 'system/Observation.rs system/Patient.rs';
    const client = await house.command('client', 'add', '--name', 'app', '--scopes', ceiling);
    for (const filter of ['banana=x', 'category:not=laboratory', 'subject=Patient/kim', '_filter=x', 'category='])
      await expect(backendToken(house.url, client, `system/Observation.rs?${filter}`)).rejects.toThrow();
    const token = await backendToken(house.url, client, 'system/Patient.r system/Observation.rs?banana=x');
    const asked = (path: string) =>
      fetch(`${house.url}/fhir/${path}`, { headers: { Authorization: `Bearer ${token}`, Prefer: 'handling=lenient' } });
    expect([(await asked('Observation')).status, (await asked('Patient/kim')).status]).toEqual([403, 200]);
  });
});

describe('SC-152 each letter is what it is, and no more', () => {
  const search = [
    ['GET', 'Patient'],
    ['GET', 'Patient/_history'],
    ['GET', 'Patient?_summary=count'],
  ] as const;
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const patient = { resourceType: 'Patient', active: true };
  const kim = { ...patient, id: 'kim', name: [{ family: 'Kimball' }], gender: 'female' };
  const patch = [{ op: 'add', path: '/active', value: true }];
  const json = { 'Content-Type': 'application/json-patch+json' };

  test('r: read, vread and history of one; HEAD as GET', async () => {
    const r = 'system/Patient.r';
    for (const path of ['Patient/kim', 'Patient/kim/_history', 'Patient/kim/_history/1', 'Patient/kim/$meta'])
      expect([path, await status(r, 'GET', path), await status('system/Patient.cuds', 'GET', path)]).toEqual([
        path,
        200,
        403,
      ]);
    expect([
      await status(r, 'HEAD', 'Patient/kim'),
      await status('system/Patient.cuds', 'HEAD', 'Patient/kim'),
    ]).toEqual([200, 403]);
  });

  test('s: search, history of the type and of all', async () => {
    for (const [method, path] of search)
      expect([
        path,
        await status('system/Patient.s', method, path),
        await status('system/Patient.crud', method, path),
      ]).toEqual([path, 200, 403]);
    for (const path of ['', '_history', 'Patient/$meta', '$meta'])
      expect([
        path,
        await status('system/Patient.s', 'GET', path),
        await status('system/Patient.crud', 'GET', path),
      ]).toEqual([path, 200, 403]);
    expect(await status('system/Patient.crud', 'POST', 'Patient/_search', '', form)).toBe(403);
    expect(await status('system/Patient.s', 'POST', 'Patient/_search', '', form)).toBe(200);
    const compartment = 'Patient/kim/Observation';
    expect(await status('system/Observation.r system/Patient.rs', 'GET', compartment)).toBe(403);
  });

  test('c: create, also under a condition; it does not tell what is there', async () => {
    expect(await status('system/Patient.ruds', 'POST', 'Patient', patient)).toBe(403);
    const made = await ask('system/Patient.c', 'POST', 'Patient', patient);
    expect(made.status).toBe(201);
    const again = await ask('system/Patient.c', 'POST', 'Patient', patient, { 'If-None-Exist': 'family=Leon' });
    expect([again.status, again.text]).toEqual([200, '']);
    const read = await ask('system/Patient.crs', 'POST', 'Patient', patient, { 'If-None-Exist': 'family=Leon' });
    expect(read.json.id).toBe('leo');
    // Who may not read gets the address only.
    const id = /Patient\/([^/]+)\/_history\/1$/.exec(made.location ?? '')?.[1];
    expect([made.text, (await house.fhir('DELETE', `/Patient/${id}`)).status]).toEqual(['', 204]);
  });

  test('u: update, patch, update as create; under a condition with s besides', async () => {
    expect(await status('system/Patient.crds', 'PUT', 'Patient/kim', kim)).toBe(403);
    expect(await status('system/Patient.crds', 'PATCH', 'Patient/kim', patch, json)).toBe(403);
    expect(await status('system/Patient.u', 'PUT', 'Patient/kim', kim)).toBe(200);
    const told = await ask('system/Patient.u', 'PATCH', 'Patient/kim', patch, json);
    expect([told.status, told.text]).toEqual([200, '']);
    expect(await status('system/Patient.u', 'PUT', 'Patient/fresh', { ...patient, id: 'fresh' })).toBe(201);
    expect(await status('system/Patient.u', 'PUT', 'Patient?family=Kimball', kim)).toBe(403);
    expect(await status('system/Patient.us', 'PUT', 'Patient?family=Kimball', kim)).toBe(200);
    expect(await status('system/Patient.u', 'PATCH', 'Patient?family=Kimball', patch, json)).toBe(403);
    expect(await status('system/Patient.us', 'PATCH', 'Patient?family=Kimball', patch, json)).toBe(200);
  });

  test('d: delete; under a condition with s besides', async () => {
    expect(await status('system/Patient.crus', 'DELETE', 'Patient/fresh')).toBe(403);
    expect(await status('system/Patient.d', 'DELETE', 'Patient?_id=fresh')).toBe(403);
    expect(await status('system/Patient.ds', 'DELETE', 'Patient?_id=fresh')).toBe(204);
    expect(await status('system/Patient.d', 'DELETE', 'Patient/fresh')).toBe(204);
  });
});

describe('what a scope does not cover', () => {
  test('SC-153 is 403 whether there is anything or not, in the same words', async () => {
    const words = async (path: string) => {
      const { status: code, json } = await ask('system/Goal.rs', 'GET', path);
      return [code, json.issue.map(({ code: kind, diagnostics, details }: any) => [kind, diagnostics, details])];
    };
    expect(await words('Patient?family=Kimball')).toEqual(await words('Patient?family=Nobody'));
    expect(await words('Patient/kim')).toEqual(await words('Patient/nobody'));
    expect((await words('Patient'))[0]).toBe(403);
    expect(await status('system/Goal.rs', 'GET', 'Goal')).toBe(200);
  });

  test('SC-159 one entry of a batch is 403 by itself, a transaction as a whole', async () => {
    const entry = [
      { request: { method: 'GET', url: 'Patient/kim' } },
      { request: { method: 'GET', url: 'Observation/lab' } },
      { request: { method: 'GET', url: 'Observation?category=social-history' } },
      { request: { method: 'GET', url: 'Observation/vital' } },
    ];
    const bundle = (type: string, some: object[]) => ({ resourceType: 'Bundle', type, entry: some });
    const batch = await ask(lab, 'POST', '', bundle('batch', entry));
    expect(batch.json.entry.map(({ response }: any) => response.status.slice(0, 3))).toEqual([
      '403',
      '200',
      '200',
      '404',
    ]);
    expect(batch.json.entry[2].resource.entry).toBeUndefined();
    expect(await status(lab, 'POST', '', bundle('transaction', entry))).toBe(403);
    const write = { resource: observation('', ['vital-signs']), request: { method: 'POST', url: 'Observation' } };
    const fine = { resource: observation('', ['laboratory']), request: { method: 'POST', url: 'Observation' } };
    expect(await status(writing, 'POST', '', bundle('transaction', [fine, write]))).toBe(403);
    expect(idsOf(await ask(lab, 'GET', 'Observation'))).toEqual(['both', 'lab', 'leos']);
  });

  test.each([
    'Observation?subject:Patient.family=Kimball',
    'Observation?subject.family=Kimball',
    'Observation?patient.gender=female',
    'Observation?_list=list',
    'Observation?_has:List:item:_id=list',
    'Observation?_filter=subject.family eq "Kimball"',
    'Observation?_filter=status eq "final" or subject.family eq "Kimball"',
    '?_type=Observation&subject:Patient.family=Kimball',
    'Observation?_filter=not (subject.family eq "Kimball")',
  ])('SC-160 %s leads through a type without s: 403', async (path) => {
    expect(await status(lab, 'GET', path)).toBe(403);
    expect(await status(`${lab} system/Patient.r system/List.r`, 'GET', path)).toBe(403);
    const found = await ask(`${lab} system/Patient.s system/List.s`, 'GET', path);
    expect([found.status, idsOf(found).filter((id) => !['both', 'lab', 'leos'].includes(id))]).toEqual([200, []]);
  });

  test('SC-160 conditions of writes as well; an include without its scope is left out', async () => {
    const condition = { 'If-None-Exist': 'subject:Patient.family=Kimball' };
    expect(await status(writing, 'POST', 'Observation', observation('', ['laboratory']), condition)).toBe(403);
    expect(await status(writing, 'DELETE', 'Observation?subject:Patient.family=Leon')).toBe(403);
    expect(idsOf(await ask(lab, 'GET', 'Observation?_include=Observation:subject&_revinclude=List:item'))).toEqual([
      'both',
      'lab',
      'leos',
    ]);
  });
});
