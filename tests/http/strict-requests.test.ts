import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Answer, startHttp, type TestHttp } from '../support/http.ts';

let http: TestHttp;
beforeAll(async () => {
  http = await startHttp();
  const body = { resourceType: 'Patient', id: 'child', name: [{ family: 'Invented' }], birthDate: '2020-01-02' };
  await http.send('PUT', '/fhir/Patient/child', { body });
  await http.send('PUT', '/fhir/Patient/child', { body: { ...body, gender: 'male' } });
});
afterAll(() => http.close());

const textOf = (answer: Answer) => answer.json.issue[0].details?.text ?? answer.json.issue[0].diagnostics;
const child = { resourceType: 'Patient', name: [{ family: 'Invented' }] };

describe('a parameter that the interaction does not have', () => {
  test.each<[string, string, object | undefined]>([
    ['GET', 'Patient/child?_elments=name', undefined],
    ['GET', 'Patient/child/_history/1?_since=2020', undefined],
    ['GET', 'Patient/child/_history?_elements=name', undefined],
    ['GET', 'Patient/_history?_list=x', undefined],
    ['GET', '_history?nonsense=1', undefined],
    ['POST', 'Patient?identifier=x', child],
    ['PUT', 'Patient/child?identifier=x', { ...child, id: 'child' }],
    ['PATCH', 'Patient/child?identifier=x', { resourceType: 'Parameters' }],
    ['DELETE', 'Patient/child?identifier=x', undefined],
    ['POST', '?_format=json&transaction=true', { resourceType: 'Bundle', type: 'batch' }],
  ])('%s %s is 400 and named', async (method, path, body) => {
    const answer = await http.send(method, `/fhir/${path}`, { body });
    expect(answer.status).toBe(400);
    const name = /[?&](?!_format)(\w+)=/.exec(path)?.[1] ?? 'none';
    expect(textOf(answer)).toContain(`'${name}'`);
  });

  test('is not repeated when it has not the shape of a name', async () => {
    const answer = await http.send('GET', '/fhir/Patient/child?Wren%20Applewhite=1');
    expect([answer.status, answer.text.includes('Wren')]).toEqual([400, false]);
  });

  test.each(['Patient/child?nonsense=1', 'Patient/child/_history?nonsense=1', 'Patient/_history?nonsense=1'])(
    '%s is answered with Prefer: handling=lenient',
    async (path) => {
      const answer = await http.send('GET', `/fhir/${path}`, { headers: { Prefer: 'handling=lenient' } });
      expect(answer.status).toBe(200);
      expect(answer.text).not.toContain('nonsense');
    },
  );
});

describe('_elements and _summary of a read', () => {
  test.each([
    '_elements=nme',
    '_elements=name.famly',
    '_elements=Goal.name',
    '_elements=name&_elements=id',
    '_summary=true&_summary=text',
  ])('%s is 400', async (query) => {
    expect((await http.send('GET', `/fhir/Patient/child?${query}`)).status).toBe(400);
    expect((await http.send('GET', `/fhir/Patient/child/_history/1?${query}`)).status).toBe(400);
  });
  test('lenient: what the type has of it', async () => {
    const answer = await http.send('GET', '/fhir/Patient/child?_elements=nme,birthDate', {
      headers: { Prefer: 'handling=lenient' },
    });
    expect(Object.keys(answer.json).sort()).toEqual(['birthDate', 'id', 'meta', 'resourceType']);
  });
});

describe('parameters of a history', () => {
  test.each([
    '_count=x',
    '_count=-1',
    '_since=yesterday',
    '_since=',
    '_at=2020-13-45',
    '_at=2020&_at=2021',
    '_sort=_lastUpdated',
    '_sort=name',
    '_page=AAAA',
    '_cursor=1',
  ])('%s is 400', async (query) => {
    for (const path of ['Patient/child/_history', 'Patient/_history', '_history'])
      expect([path, (await http.send('GET', `/fhir/${path}?${query}`)).status]).toEqual([path, 400]);
  });

  test('_count=0 says how many there are', async () => {
    const answer = await http.send('GET', '/fhir/Patient/child/_history?_count=0');
    expect([answer.status, answer.json.total, answer.json.entry]).toEqual([200, 2, undefined]);
    expect(answer.json.link.map(({ relation }: { relation: string }) => relation)).toEqual(['self']);
  });

  test('its one order may be asked for; the next link is sealed, and takes nothing besides', async () => {
    const first = await http.send('GET', '/fhir/Patient/child/_history?_count=1&_sort=-_lastUpdated');
    const next = first.json.link.find(({ relation }: { relation: string }) => relation === 'next').url;
    expect(next).toMatch(/_history\?_page=[\w-]+$/);
    const second = await http.send('GET', next.replace(http.url, ''));
    expect(
      second.json.entry.map((entry: { resource: { meta: { versionId: string } } }) => entry.resource.meta.versionId),
    ).toEqual(['1']);
    expect((await http.send('GET', `${next.replace(http.url, '')}&_count=5`)).status).toBe(400);
    expect((await http.send('GET', next.replace(`${http.url}/fhir/Patient/child`, '/fhir/Patient/other'))).status).toBe(
      404,
    );
    expect((await http.send('GET', next.replace(http.url, ''), { as: 'reader' })).status).toBe(400);
  });
});

describe('ids', () => {
  const long = 'x'.repeat(65);
  test.each([
    ['GET', `Patient/${long}`, 404],
    ['GET', 'Patient/a_b', 404],
    ['GET', 'Patient/a%2Fb', 404],
    ['DELETE', 'Patient/a_b', 404],
    ['PUT', `Patient/${long}`, 400],
    ['PUT', 'Patient/a_b', 400],
    ['PUT', 'Patient/ä', 400],
    ['PUT', 'Patient/a%2Fb', 400],
    ['POST', 'Patient/child', 405],
  ])('%s %s is %d', async (method, path, status) => {
    const id = decodeURIComponent(path.split('/')[1] ?? '');
    const body = method === 'PUT' || method === 'POST' ? { ...child, id } : undefined;
    const answer = await http.send(method, `/fhir/${path}`, { body });
    expect([answer.status, answer.json.resourceType]).toEqual([status, 'OperationOutcome']);
  });
  test.each<[string, object]>([
    ['another id in the body', { ...child, id: 'other' }],
    ['no id in the body', child],
    ['another case of it', { ...child, id: 'Child' }],
    ['an id that is no text', { ...child, id: 1 }],
  ])('PUT with %s is a 4xx and changes nothing', async (_name, body) => {
    const answer = await http.send('PUT', '/fhir/Patient/child', { body });
    expect([400, 422]).toContain(answer.status);
    expect((await http.send('GET', '/fhir/Patient/child')).json.meta.versionId).toBe('2');
  });
  test.each(['a', '1', '-', '.', 'A-b.9', 'x'.repeat(64), 'metadata', 'history', 'undefined'])(
    'a client may choose %s',
    async (id) => {
      const made = await http.send('PUT', `/fhir/Patient/${id}`, { body: { ...child, id } });
      // What the URL standard reads as a step up or as nothing never arrives as it was written.
      if (id !== '.')
        expect([made.status, made.headers.get('location')]).toEqual([201, `${http.url}/fhir/Patient/${id}/_history/1`]);
      if (id !== '.') expect((await http.send('GET', `/fhir/Patient/${id}`)).json.id).toBe(id);
    },
  );
});

describe('the form of the answer', () => {
  const asked = async (accept: string, path = 'Patient/child') =>
    (await http.send('GET', `/fhir/${path}`, { headers: { Accept: accept } })).status;
  test.each([
    'application/fhir+xml',
    'application/xml',
    'text/turtle',
    'image/png',
    'application/json;q=0',
    'application/fhir+json; fhirVersion=3.0',
    'nonsense',
    ',',
  ])('Accept: %s is 406, and says so as an OperationOutcome in JSON', async (accept) => {
    const answer = await http.send('GET', '/fhir/Patient/child', { headers: { Accept: accept } });
    expect([answer.status, answer.json.resourceType]).toEqual([406, 'OperationOutcome']);
  });
  test.each([
    '*/*',
    'application/*',
    'application/json',
    'text/json',
    'APPLICATION/FHIR+JSON',
    'application/fhir+json; fhirVersion=4.0; charset=utf-8',
    'application/fhir+xml, application/json;q=0.1',
    'text/html,application/xhtml+xml,*/*;q=0.8',
  ])('Accept: %s is answered', async (accept) => {
    expect(await asked(accept)).toBe(200);
  });
  test.each(['xml', 'text/xml', 'application/fhir+xml', 'ttl', 'html', 'nonsense', ''])(
    '_format=%s is 406',
    async (format) => {
      const encoded = encodeURIComponent(format);
      expect(await asked('application/json', `Patient/child?_format=${encoded}`)).toBe(406);
      expect(await asked('application/json', `metadata?_format=${encoded}`)).toBe(406);
      const text = `_format=${encoded}`;
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
      expect((await http.send('POST', '/fhir/Patient/_search', { text, headers })).status).toBe(406);
    },
  );
  test('_format wins over Accept', async () => {
    expect(await asked('application/fhir+xml', 'Patient/child?_format=json')).toBe(200);
    expect(await asked('application/fhir+xml', 'Patient/child?_format=application/fhir+json;fhirVersion=4.0')).toBe(
      200,
    );
  });
  test.each([
    'application/fhir+xml',
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/fhir+json; charset=iso-8859-1',
  ])('a body as %s is 415', async (type) => {
    const answer = await http.send('POST', '/fhir/Patient', { body: child, headers: { 'Content-Type': type } });
    expect(answer.status).toBe(415);
  });
  test.each([
    'application/json',
    'text/json',
    'application/fhir+json; charset=UTF-8',
    'application/fhir+json; fhirVersion=4.0',
  ])('a body as %s is taken', async (type) => {
    const answer = await http.send('POST', '/fhir/Patient', { body: child, headers: { 'Content-Type': type } });
    expect(answer.status).toBe(201);
  });
  test('Prefer: return=OperationOutcome answers with one', async () => {
    const headers = { Prefer: 'return=OperationOutcome' };
    const answer = await http.send('POST', '/fhir/Patient', { body: child, headers });
    expect([answer.status, answer.json.resourceType, answer.json.issue[0].severity]).toEqual([
      201,
      'OperationOutcome',
      'information',
    ]);
    expect(answer.headers.get('location')).toContain('/fhir/Patient/');
    const minimal = await http.send('POST', '/fhir/Patient', {
      body: child,
      headers: { Prefer: 'handling=strict; return=minimal' },
    });
    expect([minimal.status, minimal.text]).toEqual([201, '']);
  });
});

describe('ETag, Last-Modified and conditional reads', () => {
  test('are there on GET, HEAD and 304', async () => {
    const got = await http.send('GET', '/fhir/Patient/child');
    const headers = (answer: Answer) => [answer.headers.get('etag'), answer.headers.get('last-modified')];
    expect(headers(got)).toEqual(['W/"2"', new Date(got.json.meta.lastUpdated).toUTCString()]);
    const head = await http.send('HEAD', '/fhir/Patient/child');
    expect([head.status, ...headers(head)]).toEqual([200, ...headers(got)]);
    for (const method of ['GET', 'HEAD']) {
      for (const tag of ['W/"2"', '"2"', 'W/"1", W/"2"', '*']) {
        const known = await http.send(method, '/fhir/Patient/child', { headers: { 'If-None-Match': tag } });
        expect([known.status, known.text, ...headers(known)]).toEqual([304, '', ...headers(got)]);
      }
      const since = await http.send(method, '/fhir/Patient/child', {
        headers: { 'If-Modified-Since': headers(got)[1] ?? '' },
      });
      expect([since.status, ...headers(since)]).toEqual([304, ...headers(got)]);
    }
    const older = await http.send('GET', '/fhir/Patient/child', { headers: { 'If-None-Match': 'W/"1"' } });
    expect(older.status).toBe(200);
    const both = { 'If-None-Match': 'W/"1"', 'If-Modified-Since': headers(got)[1] ?? '' };
    expect((await http.send('GET', '/fhir/Patient/child', { headers: both })).status).toBe(200);
  });
});
