import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { limits } from '../../src/base/limits.ts';
import { canary, startWatched, unharmed, type Watched } from './journal.ts';
import { sendRaw, statusOf } from './wire.ts';

let http: Watched;
beforeAll(async () => {
  http = await startWatched();
  await http.send('PUT', '/fhir/Patient/steady', { body: { resourceType: 'Patient', id: 'steady' } });
});
afterAll(() => http.close());
afterEach(async () => {
  expect(await unharmed(http, '/fhir/Patient/steady')).toEqual({ status: 200, logged: [] });
});

const post = (text: string, headers: Record<string, string> = {}) =>
  http.send('POST', '/fhir/Patient', { text, headers });
const patient = (inside: string) => `{"resourceType":"Patient","name":[{"family":"${canary}"}],${inside}}`;

describe('JSON that is no good (TH-42)', () => {
  test.each([
    ['nested as arrays', `${'['.repeat(100_000)}`, 400],
    ['nested as objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 400],
    [
      'nested one deeper than allowed',
      patient(`"x":${'['.repeat(limits.http.jsonDepth)}${']'.repeat(limits.http.jsonDepth)}`),
      400,
    ],
    ['a property twice', patient('"gender":"male","gender":"female"'), 400],
    ['a property twice, once spelled with an escape', patient('"gender":"male","g\\u0065nder":"female"'), 400],
    ['a property twice, deep inside', patient('"contact":[{"name":{"text":"a","text":"b"}}]'), 400],
    ['__proto__', patient('"__proto__":{"admin":true}'), 400],
    ['__proto__ spelled with an escape', patient('"__\\u0070roto__":{"admin":true}'), 400],
    ['constructor', patient('"constructor":{"prototype":{"admin":true}}'), 422],
    ['prototype', patient('"prototype":{"admin":true}'), 422],
    ['toString in place of a value', patient('"toString":1'), 422],
    ['a NUL in a string', patient('"language":"a\\u0000b"'), 422],
    ['a bare NUL', `${patient('"gender":"male"')}\u0000`, 400],
    ['a control character in a string', patient('"language":"a\u0001"'), 400],
    ['a BOM in the middle', `{\uFEFF"resourceType":"Patient"}`, 400],
    ['nothing but white space', ' '.repeat(1000), 400],
    ['two values', '{"resourceType":"Patient"}{"resourceType":"Patient"}', 400],
    ['a comment', '{"resourceType":"Patient"/* */}', 400],
    ['NaN', patient('"multipleBirthInteger":NaN'), 400],
    ['a hexadecimal number', patient('"multipleBirthInteger":0x10'), 400],
    ['an integer of 1e308', patient('"multipleBirthInteger":1e308'), 422],
    ['an integer of 1e999999', patient('"multipleBirthInteger":1e999999'), 422],
    ['an integer of -1e999999', patient('"multipleBirthInteger":-1e999999'), 422],
    ['an integer with a million digits', patient(`"multipleBirthInteger":${'9'.repeat(1_000_000)}`), 422],
    ['an unfinished string', `{"resourceType":"Patient","id":"${canary}`, 400],
    ['an unfinished escape', `{"resourceType":"Patient","language":"\\u12`, 400],
  ])('%s', async (_name, text, status) => {
    const answer = await post(text);
    expect([answer.status, answer.json?.resourceType]).toEqual([status, 'OperationOutcome']);
    expect(answer.text).not.toContain(canary);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  test('a decimal beyond every number is refused or kept digit for digit, never turned into something else', async () => {
    for (const value of ['1e308', '1e309', '1e999999', `0.${'0'.repeat(5000)}1`, '-1e-999999']) {
      const code = { text: 'x' };
      const text = JSON.stringify({
        resourceType: 'Observation',
        status: 'final',
        code,
        valueQuantity: { value: 'HERE' },
      });
      const answer = await http.send('POST', '/fhir/Observation', { text: text.replace('"HERE"', value) });
      expect([201, 422]).toContain(answer.status);
      if (answer.status === 201) expect(answer.text).toContain(`"value":${value}`);
    }
  });

  test('a million elements are read or refused in good time', async () => {
    const many = JSON.stringify({
      resourceType: 'Patient',
      name: Array.from({ length: 1_000_000 }, () => ({ family: 'x' })),
    });
    const numbers = `{"resourceType":"Patient","name":[${'0,'.repeat(999_999)}0]}`;
    const flat = `{"resourceType":"Patient",${Array.from({ length: 200_000 }, (_, place) => `"a${place}":1`).join()}}`;
    for (const text of [numbers, flat]) expect((await post(text)).status).toBe(422);
    expect([201, 400, 413, 422]).toContain((await post(many)).status);
  }, 60_000);

  test('half a surrogate pair is kept as it was sent, and can be searched beside', async () => {
    const sent = await http.send('PUT', '/fhir/Patient/half', {
      text: '{"resourceType":"Patient","id":"half","name":[{"family":"\\ud800x"}],"identifier":[{"value":"\\udc00"}]}',
    });
    expect([sent.status, sent.json.name[0].family]).toEqual([201, '\ud800x']);
    expect((await http.send('GET', '/fhir/Patient?_id=half&name=x')).status).toBe(200);
  });

  test('a body that begins with a BOM is read', async () => {
    expect((await post(`\uFEFF{"resourceType":"Patient"}`)).status).toBe(201);
  });
});

describe('bodies that are not what their headers say (TH-42)', () => {
  const small = Buffer.from('{"resourceType":"Patient"}');
  const bomb = gzipSync(Buffer.alloc(limits.http.bodyBytes + 1, ' '));
  test.each([
    ['a gzip bomb', 'gzip', bomb, 413],
    ['a deflate bomb', 'deflate', deflateSync(Buffer.alloc(limits.http.bodyBytes + 1, ' ')), 413],
    ['a brotli bomb', 'br', brotliCompressSync(Buffer.alloc(limits.http.bodyBytes + 1, ' '), { params: {} }), 413],
    ['a gzip bomb in gzip', 'gzip', gzipSync(bomb), 400],
    ['plain text called gzip', 'gzip', small, 400],
    ['plain text called br', 'br', small, 400],
    ['plain text called deflate', 'deflate', small, 400],
    ['half of a gzip', 'gzip', gzipSync(small).subarray(0, 20), 400],
    ['an encoding that is none', 'compress', small, 415],
    ['gzip called identity', 'identity', gzipSync(small), 400],
  ])('%s', async (_name, encoding, body, status) => {
    const headers = {
      Authorization: 'Bearer all',
      'Content-Encoding': encoding,
      'Content-Type': 'application/fhir+json',
    };
    const answer = await fetch(`${http.url}/fhir/Patient`, { method: 'POST', body: new Uint8Array(body), headers });
    const outcome: unknown = await answer.json();
    expect([answer.status, outcome]).toEqual([status, expect.objectContaining({ resourceType: 'OperationOutcome' })]);
  });

  test.each([
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
    ['UTF-16', Buffer.from('\uFEFF{"resourceType":"Patient"}', 'utf16le')],
    ['an overlong NUL', Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xc0, 0x80]), Buffer.from('"}')])],
  ])('%s', async (_name, body) => {
    const headers = { Authorization: 'Bearer all', 'Content-Type': 'application/fhir+json' };
    const answer = await fetch(`${http.url}/fhir/Patient`, { method: 'POST', body: new Uint8Array(body), headers });
    expect(answer.status).toBe(400);
  });

  const head =
    'POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer all\r\nContent-Type: application/fhir+json\r\n';
  test.each([
    ['two lengths', `${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
    ['a length and chunks', `${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a length below nothing', `${head}Content-Length: -1\r\n\r\n{}`],
    ['a chunk whose length is no number', `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`],
    [
      'a coding on top of chunks',
      `${head}Transfer-Encoding: gzip, chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
    ],
    ['a line end inside a header', 'GET /fhir/Patient HTTP/1.1\r\nHost: x\r\nX-A: a\rb\r\n\r\n'],
    ['64 kB of headers', `GET /fhir/Patient HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(65_536)}\r\n\r\n`],
    ['no HTTP at all', '\u0000\u0001\u0002\r\n\r\n'],
  ])('%s', async (_name, request) => {
    const status = statusOf(await sendRaw(http.url, [request], (received) => received.includes('\r\n\r\n')));
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });
});
