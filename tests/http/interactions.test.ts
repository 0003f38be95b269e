import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHttp, type TestHttp } from '../support/http.ts';

let http: TestHttp;
beforeAll(async () => {
  http = await startHttp();
});
afterAll(() => http.close());

const patient = (extra: object = {}) => ({ resourceType: 'Patient', name: [{ family: 'Invented' }], ...extra });

describe('refusals', () => {
  test.each([
    ['unknown type', 'GET', '/fhir/Nonsense', undefined, 404],
    ['unknown path', 'GET', '/fhir/Patient/1/2/3', undefined, 404],
    ['unsupported method', 'DELETE', '/fhir/Patient/1/_history', undefined, 405],
    ['malformed JSON', 'POST', '/fhir/Patient', '{"resourceType":', 400],
    ['empty body', 'POST', '/fhir/Patient', '', 400],
    ['not a resource', 'POST', '/fhir/Patient', '[1]', 400],
    ['another type than the URL says', 'POST', '/fhir/Patient', '{"resourceType":"Goal"}', 400],
    ['an unknown element', 'POST', '/fhir/Patient', '{"resourceType":"Patient","nonsense":1}', 422],
    ['a missing required element', 'POST', '/fhir/Goal', '{"resourceType":"Goal"}', 422],
    ['ids that differ', 'PUT', '/fhir/Patient/a', '{"resourceType":"Patient","id":"b"}', 400],
    ['an unknown parameter', 'GET', '/fhir/Patient?nonsense=1', undefined, 400],
    ['an unknown modifier', 'GET', '/fhir/Patient?name:nonsense=1', undefined, 400],
    ['a forged page link', 'GET', '/fhir/Patient?_page=AAAA', undefined, 400],
    ['bad encoding', 'GET', '/fhir/Patient/%E0%A4%A', undefined, 400],
    ['a prototype in the body', 'POST', '/fhir/Patient', '{"resourceType":"Patient","__proto__":{"x":1}}', 400],
  ])('%s', async (_name, method, path, text, status) => {
    const answer = await http.send(method, path, { text: text as string | undefined });
    expect(answer.status).toBe(status);
    expect(answer.json.resourceType).toBe('OperationOutcome');
    expect(answer.json.issue[0].details?.text ?? answer.json.issue[0].diagnostics).toMatch(/\w+ \w+/);
  });
  test('405 names the methods that the address has', async () => {
    const answer = await http.send('PUT', '/fhir/metadata');
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
  });
  test.each(['POST', 'PUT'])('%s of a conditional reference, which only a transaction resolves', async (method) => {
    const body = {
      resourceType: 'Goal',
      id: 'goal-alone',
      lifecycleStatus: 'active',
      description: { text: 'sleep through' },
      subject: { reference: 'Patient?identifier=urn:test|1' },
    };
    const answer = await http.send(method, method === 'PUT' ? '/fhir/Goal/goal-alone' : '/fhir/Goal', { body });
    expect(answer.status).toBe(400);
    expect(answer.json.issue[0].details?.text ?? answer.json.issue[0].diagnostics).toContain('transaction');
  });
  test('XML is 415', async () => {
    const answer = await http.send('POST', '/fhir/Patient', {
      text: '<Patient/>',
      headers: { 'Content-Type': 'application/fhir+xml' },
    });
    expect(answer.status).toBe(415);
  });
});

describe('the life of a resource', () => {
  test('create, read, update, versions, history, delete', async () => {
    const created = await http.send('POST', '/fhir/Patient', { body: patient() });
    expect(created.status).toBe(201);
    expect(created.headers.get('etag')).toBe('W/"1"');
    const { id } = created.json;
    expect(created.headers.get('location')).toBe(`${http.url}/fhir/Patient/${id}/_history/1`);
    const updated = await http.send('PUT', `/fhir/Patient/${id}`, {
      body: patient({ id, gender: 'female' }),
      headers: { 'If-Match': 'W/"1"' },
    });
    expect([updated.status, updated.json.meta.versionId]).toEqual([200, '2']);
    const stale = await http.send('PUT', `/fhir/Patient/${id}`, {
      body: patient({ id, gender: 'male' }),
      headers: { 'If-Match': 'W/"1"' },
    });
    expect(stale.status).toBe(412);
    const same = await http.send('PUT', `/fhir/Patient/${id}`, { body: patient({ id, gender: 'female' }) });
    expect(same.json.meta.versionId).toBe('2');
    const first = await http.send('GET', `/fhir/Patient/${id}/_history/1`);
    expect(first.json.gender).toBeUndefined();
    expect((await http.send('GET', `/fhir/Patient/${id}`, { headers: { 'If-None-Match': 'W/"2"' } })).status).toBe(304);
    expect((await http.send('DELETE', `/fhir/Patient/${id}`)).status).toBe(204);
    expect((await http.send('GET', `/fhir/Patient/${id}`)).status).toBe(410);
    expect((await http.send('DELETE', `/fhir/Patient/${id}`)).status).toBe(204);
    const history = await http.send('GET', `/fhir/Patient/${id}/_history`);
    expect(history.json.entry.map((entry: { request: { method: string } }) => entry.request.method)).toEqual([
      'DELETE',
      'PUT',
      'POST',
    ]);
    const back = await http.send('PUT', `/fhir/Patient/${id}`, { body: patient({ id }) });
    expect([back.status, back.json.meta.versionId]).toEqual([201, '4']);
  });
  test('decimals keep their digits', async () => {
    const text =
      '{"resourceType":"Observation","status":"final","code":{"text":"weight"},"valueQuantity":{"value":12.50,"unit":"kg"}}';
    const created = await http.send('POST', '/fhir/Observation', { text });
    expect(created.text).toContain('"value":12.50');
    const searched = await http.send('GET', `/fhir/Observation?_id=${created.json.id}`);
    expect(searched.text).toContain('"value":12.50');
  });
  test('Prefer: return=minimal leaves the body away', async () => {
    const answer = await http.send('POST', '/fhir/Patient', { body: patient(), headers: { Prefer: 'return=minimal' } });
    expect([answer.status, answer.text]).toEqual([201, '']);
  });
});

describe('conditional create', () => {
  test('16 callers at once make one resource', async () => {
    const identifier = [{ system: 'urn:test', value: 'one' }];
    const headers = { 'If-None-Exist': 'identifier=urn:test|one' };
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => http.send('POST', '/fhir/Patient', { body: patient({ identifier }), headers })),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array.from({ length: 15 }, () => 200), 201]);
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
  });
  test('several matches are 412', async () => {
    const identifier = [{ system: 'urn:test', value: 'two' }];
    await http.send('POST', '/fhir/Patient', { body: patient({ identifier }) });
    await http.send('POST', '/fhir/Patient', { body: patient({ identifier }) });
    const answer = await http.send('POST', '/fhir/Patient', {
      body: patient({ identifier }),
      headers: { 'If-None-Exist': 'identifier=urn:test|two' },
    });
    expect(answer.status).toBe(412);
  });
});

describe('search pages', () => {
  test('a walk over every page shows each resource once, whatever is written meanwhile', async () => {
    const tag = [{ system: 'urn:test', code: 'walk' }];
    const make = (family: string) =>
      http.send('POST', '/fhir/Patient', { body: patient({ meta: { tag }, name: [{ family }] }) });
    for (let count = 0; count < 25; count += 1) await make(`Family${String(count % 5)}`);
    const seen: string[] = [];
    let next: string | undefined = '/fhir/Patient?_tag=urn:test|walk&_sort=family&_count=7&_total=accurate';
    while (next) {
      const page = await http.send('GET', next);
      expect(page.status).toBe(200);
      seen.push(...page.json.entry.map((entry: { resource: { id: string } }) => entry.resource.id));
      const link = page.json.link.find((one: { relation: string }) => one.relation === 'next');
      if (link) expect(link.url).not.toContain('walk');
      next = link?.url.replace(http.url, '');
    }
    expect(seen.length).toBe(25);
    expect(new Set(seen).size).toBe(25);
  });
  test('a page link opens for its caller only', async () => {
    const page = await http.send('GET', '/fhir/Patient?_count=1');
    const next = page.json.link.find((one: { relation: string }) => one.relation === 'next').url.replace(http.url, '');
    expect((await http.send('GET', next)).status).toBe(200);
    expect((await http.send('GET', next, { as: 'reader' })).status).toBe(400);
  });
  test('POST _search takes a form; lenient handling says what it ignored', async () => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const found = await http.send('POST', '/fhir/Patient/_search', {
      text: '_tag=urn:test%7Cwalk&_summary=count',
      headers,
    });
    expect(found.json.total).toBe(25);
    const lenient = await http.send('GET', '/fhir/Patient?nonsense=1&_count=1', {
      headers: { Prefer: 'handling=lenient' },
    });
    expect(lenient.status).toBe(200);
    expect(lenient.text).toContain('nonsense was ignored');
  });
});
