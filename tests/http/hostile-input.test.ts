import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { limits } from '../../src/base/limits.ts';
import { startHttp, type TestHttp } from '../support/http.ts';

/** Whatever comes in, the answer is a refusal with an OperationOutcome, never a fault of the server. */
let http: TestHttp;
beforeAll(async () => {
  http = await startHttp();
});
afterAll(() => http.close());

describe('a body of somebody without a token', () => {
  test.each(['/fhir/Patient', '/cds-services/any'])('POST %s is refused before the body has come', async (path) => {
    const { hostname, port } = new URL(http.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\nContent-Length: 1000000\r\n\r\n{`,
    );
    const [answer] = await new Promise<Buffer[]>((resolve) => socket.once('data', (chunk) => resolve([chunk])));
    socket.destroy();
    expect(answer?.toString()).toMatch(/^HTTP\/1\.1 401 /);
  });
});

describe('bodies', () => {
  test('a small one that unpacks to more than the bound is 413', async () => {
    const body = gzipSync(Buffer.alloc(limits.http.bodyBytes + 1, ' '));
    const headers = {
      Authorization: 'Bearer all',
      'Content-Encoding': 'gzip',
      'Content-Type': 'application/fhir+json',
    };
    const answer = await fetch(`${http.url}/fhir/Patient`, { method: 'POST', body, headers });
    expect(answer.status).toBe(413);
  });
  test.each([
    ['a NUL', '{"resourceType":"Patient","name":[{"family":"a\\u0000b"}]}', 422],
    ['a hidden __proto__', '{"resourceType":"Patient","\\u005f_proto__":{"x":1}}', 400],
    ['a constructor', '{"resourceType":"Patient","constructor":{"prototype":{"x":1}}}', 422],
    ['a type that is a member of every object', '{"resourceType":"constructor"}', 400],
    ['more levels than are allowed', '{"a":'.repeat(5000), 400],
    ['no object', 'null', 400],
  ])('%s', async (_name, text, status) => {
    const answer = await http.send('POST', '/fhir/Patient', { text });
    expect([answer.status, answer.json.resourceType]).toEqual([status, 'OperationOutcome']);
  });
  test('half a surrogate pair comes back as it was sent', async () => {
    const answer = await http.send('POST', '/fhir/Patient', {
      text: '{"resourceType":"Patient","name":[{"family":"\\ud800x"}]}',
    });
    expect(answer.status).toBe(201);
    expect(answer.json.name[0].family).toBe('\ud800x');
  });
});

describe('parameters', () => {
  test.each([
    'Patient?_id=%00',
    'Patient?_id=a%00b,c',
    'Patient?name=%00',
    'Patient?name:exact=%00',
    'Patient?name:contains=%ED%A0%80',
    'Patient?identifier=%00%7C%00',
    'Observation?subject=Patient/%00',
    'ValueSet?url=%00',
    `Patient?_id=${'a'.repeat(8000)}`,
    'Patient?birthdate=0000-01-01',
    'Patient?_lastUpdated=ap9999-12-31',
    'Patient?_sort=%00',
    'Patient?_count=99999999999999',
    'Patient?__proto__=1',
    'Patient?_include=constructor:x',
    'Patient?_page=AAAA',
    'Patient/x/_history?_cursor=%00',
    'Patient/$constructor',
    'constructor',
    '%',
  ])('GET %s', async (path) => {
    const answer = await http.send('GET', `/fhir/${path}`);
    expect(answer.status).toBeLessThan(500);
    expect(['Bundle', 'OperationOutcome']).toContain(answer.json.resourceType);
  });
  test('criteria with a NUL are refused, and nothing is written', async () => {
    const resource = { resourceType: 'Patient' };
    const entry = [{ resource, request: { method: 'POST', url: 'Patient', ifNoneExist: '_id=%00' } }];
    const answer = await http.send('POST', '/fhir', { body: { resourceType: 'Bundle', type: 'transaction', entry } });
    expect([answer.status, answer.json.resourceType]).toEqual([400, 'OperationOutcome']);
  });
});
