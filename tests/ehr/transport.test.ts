import { beforeAll, describe, expect, test } from '@jest/globals';
import { decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import type { GuardedFetch, OutboundRequest, OutboundResult } from '../../src/base/guarded-fetch.ts';
import { generateKeys, type KeyPair } from '../../src/base/keys.ts';
import { limits } from '../../src/base/limits.ts';
import { createEhrClient } from '../../src/ehr/transport/client.ts';
import { classify } from '../../src/ehr/transport/failure.ts';
import { createTokenSource } from '../../src/ehr/transport/token.ts';
import { stringifyJson } from '../../src/fhir/json.ts';

const tokenUrl = 'https://ehr.example/token';
const baseUrl = 'https://ehr.example/fhir';
let keys: KeyPair;
beforeAll(async () => {
  keys = await generateKeys('ES384');
});

type Answer = (url: string, request: OutboundRequest) => Promise<OutboundResult> | OutboundResult;

const wire = (answer: Answer): GuardedFetch =>
  Object.assign(async (url: string, request: OutboundRequest = {}) => answer(url, request), { close: async () => {} });
const body = (text: string, status = 200, headers: Record<string, string> = {}): OutboundResult => ({
  ok: true,
  value: { status, url: '', body: text, header: (name) => headers[name] },
});
const error = (status: number, retryAfterSeconds?: number): OutboundResult => ({
  ok: false,
  error: { class: 'http', text: '', status, ...(retryAfterSeconds ? { retryAfterSeconds } : {}) },
});

/** A site that gives the tokens t1, t2, … and lets the test answer everything else. */
function site(answer: Answer, now = () => new Date()) {
  const assertions: string[] = [];
  const paused: number[] = [];
  const fetch = wire(async (url, request) => {
    if (url !== tokenUrl) return answer(url, request);
    assertions.push(new URLSearchParams(request.body).get('client_assertion') ?? '');
    return body(`{"access_token":"t${assertions.length}","expires_in":300}`);
  });
  const options = { fetch, clock: { now }, tokenUrl, clientId: 'careweave', scopes: 'system/*.rs' };
  const tokens = createTokenSource({ ...options, key: keys.privateJwk });
  const pause = async (ms: number) => {
    paused.push(ms);
  };
  return { tokens, assertions, paused, client: createEhrClient({ baseUrl, fetch, tokens, pause }) };
}

describe('tokens', () => {
  test('callers at the same time share one request, and the next one a token until 80 % of its life', async () => {
    let ms = 0;
    const { tokens, assertions } = site(
      () => error(500),
      () => new Date(1_800_000_000_000 + ms),
    );
    await Promise.all([tokens.current(), tokens.current(), tokens.current()]);
    ms = 239_000;
    expect(await tokens.current()).toEqual({ ok: true, token: 't1' });
    expect(assertions).toHaveLength(1);
    ms = 241_000;
    expect(await tokens.current()).toEqual({ ok: true, token: 't2' });
  });

  test('an assertion is signed for the token endpoint, short-lived, and never used twice', async () => {
    const { tokens, assertions } = site(() => error(500));
    await tokens.current();
    tokens.discard('t1');
    await tokens.current();
    const key = await importJWK(keys.publicJwk, 'ES384');
    const claims = await Promise.all(
      assertions.map((assertion) => jwtVerify(assertion, key, { algorithms: ['ES384'], audience: tokenUrl })),
    );
    expect(decodeProtectedHeader(assertions[0] ?? '')).toMatchObject({ alg: 'ES384', kid: keys.kid });
    for (const { payload } of claims) {
      expect(payload).toMatchObject({ iss: 'careweave', sub: 'careweave' });
      expect(Number(payload.exp) - Number(payload.iat)).toBeLessThanOrEqual(300);
    }
    expect(new Set(claims.map(({ payload }) => payload.jti)).size).toBe(2);
  });
});

describe('the client', () => {
  test('a 401 costs one fresh token and one more try, not two', async () => {
    const used: (string | undefined)[] = [];
    const { client } = site((_url, request) => {
      used.push(request.token);
      return error(401);
    });
    expect(await client.read('Patient', 'p')).toEqual({ ok: false, failure: { class: 'credentials', status: 401 } });
    expect(used).toEqual(['t1', 't2']);
  });

  test('reads are tried again as the site asks; a create never is', async () => {
    let asked = 0;
    const { client, paused } = site(() => {
      asked += 1;
      return error(503, 7);
    });
    await client.create({ resourceType: 'DocumentReference' });
    expect(asked).toBe(1);
    expect(await client.read('Patient', 'p')).toMatchObject({ ok: false, failure: { class: 'later' } });
    expect(asked).toBe(2 + limits.outbound.retries);
    expect(paused.every((ms) => ms >= 7000 && ms <= limits.outbound.retryMaxMs)).toBe(true);
  });

  test.each([
    'https://ehr.example.evil/fhir/x',
    'http://ehr.example/fhir/x',
    '//evil.example/x',
    'https://a@b.example/',
  ])('the page %s is not asked for', async (url) => {
    let asked = 0;
    const { client } = site(() => {
      asked += 1;
      return body('{}');
    });
    expect(await client.page(url)).toEqual({ ok: false, failure: { class: 'blocked' } });
    expect(asked).toBe(0);
  });

  test('a relative page link is one of the site', async () => {
    const { client } = site((url) => body(`{"resourceType":"Bundle","id":"${new URL(url).search.slice(1)}"}`));
    expect(await client.page('Patient?page=2')).toMatchObject({ ok: true, value: { resource: { id: 'page=2' } } });
  });

  test('decimals come through digit for digit, and an empty 201 leaves its Location', async () => {
    const { client } = site((_url, request) =>
      request.method === 'POST'
        ? body('', 201, { location: `${baseUrl}/Goal/9/_history/1`, etag: 'W/"0"' })
        : body('{"resourceType":"Observation","valueQuantity":{"value":1.10}}'),
    );
    const read = await client.read('Observation', 'o');
    expect(read.ok && stringifyJson(read.value.resource)).toContain('1.10');
    expect(await client.create({ resourceType: 'Goal' })).toEqual({
      ok: true,
      value: { status: 201, location: `${baseUrl}/Goal/9/_history/1`, etag: 'W/"0"' },
    });
  });

  test('an HTML page is no answer', async () => {
    const { client } = site(() => body('<html>'));
    expect(await client.read('Patient', 'p')).toEqual({ ok: false, failure: { class: 'malformed', status: 200 } });
  });
});

describe('failures', () => {
  const outcome = (code: string) =>
    `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"${code}"}]}`;
  test.each([
    [400, outcome('required'), 'required'],
    [400, outcome('invalid'), 'refused'],
    [400, 'Must have either code or category: required', 'refused'],
    [403, outcome('required'), 'not-granted'],
    [409, '', 'stale'],
    [412, '', 'stale'],
    [429, '', 'later'],
    [500, '', 'unknown'],
    [408, '', 'unknown'],
  ])('%i %s is %s', (status, text, expected) => {
    expect(classify({ class: 'http', text: '', status, body: text }).class).toBe(expected);
  });
});
