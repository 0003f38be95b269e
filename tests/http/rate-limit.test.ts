import { afterEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import { pino } from 'pino';
import { limits } from '../../src/base/limits.ts';
import { createRateLimits, type RateName } from '../../src/http/rate-limit.ts';
import { startHttp, type TestHttp } from '../support/http.ts';

const open: TestHttp[] = [];
afterEach(async () => {
  for (const http of open.splice(0)) await http.close();
});

/** The edge with these limits; this machine's address counts, and is believed when it says for whom it asks. */
async function start(
  perMinute: Partial<Record<RateName, number>>,
  trustedProxies: string[] = ['127.0.0.1'],
  now?: { at: Date },
) {
  const rates = createRateLimits({ perMinute, machineFactor: 3, countLoopback: true });
  const router = express.Router();
  router.post('/auth/token', (_request, response) => void response.json({ ok: true }));
  router.get('/auth/authorize', (_request, response) => void response.send('page'));
  const http = await startHttp({
    rates,
    trustedProxies,
    routers: [router],
    ...(now && { clock: { now: () => now.at } }),
  });
  open.push(http);
  return http;
}

const times = async <T>(count: number, ask: () => Promise<T>) => {
  const answers: T[] = [];
  for (let asked = 0; asked < count; asked++) answers.push(await ask());
  return answers;
};

describe('too many are refused with 429 and the seconds to wait (TH-63)', () => {
  test('searches of one person, while another person and another kind of request go on', async () => {
    const http = await start({ search: 2 });
    const search = () => http.send('GET', '/fhir/Goal', { as: 'child-a' });
    const [, second, third] = await times(3, search);
    expect(second?.status).toBe(200);
    expect([third?.status, third?.json.resourceType, third?.json.issue[0].code]).toEqual([
      429,
      'OperationOutcome',
      'throttled',
    ]);
    expect(Number(third?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(Number(third?.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect((await http.send('GET', '/fhir/Goal', { as: 'goals' })).status).toBe(200);
    expect((await http.send('GET', '/fhir/Goal/none', { as: 'child-a' })).status).toBe(404);
    // By POST, in a compartment, over all types: it is a search all the same.
    expect((await http.send('GET', '/fhir/Patient/child-a/Goal', { as: 'child-a' })).status).toBe(429);
    expect((await http.send('GET', '/fhir?_type=Goal', { as: 'child-a' })).status).toBe(429);
  });

  test('writes, before the body is read; a machine may write more often than a person', async () => {
    const http = await start({ write: 1 });
    const write = (as: string) => () =>
      http.send('POST', '/fhir/Goal', { as, text: '{"resourceType":"Goal"', headers: { Prefer: 'return=minimal' } });
    expect((await times(2, write('child-a'))).map(({ status }) => status)).toEqual([400, 429]);
    expect((await times(4, write('goals'))).map(({ status }) => status)).toEqual([400, 400, 400, 429]);
    expect((await http.send('POST', '/fhir', { as: 'child-a', text: '{' })).status).toBe(429);
    expect((await http.send('DELETE', '/fhir/Goal/none', { as: 'child-a' })).status).toBe(429);
  });

  test('operations and exports, each by themselves', async () => {
    const http = await start({ operation: 1, export: 1, search: 100 });
    const ask = (path: string) => () => http.send('GET', path, { as: 'child-a' });
    const [first, second] = await times(2, ask('/fhir/Patient/child-a/$everything'));
    expect([first?.status === 429, second?.status]).toEqual([false, 429]);
    expect((await times(2, ask('/fhir/Patient/$export'))).map(({ status }) => status === 429)).toEqual([false, true]);
  });

  test('guesses at access tokens', async () => {
    const http = await start({ unauthorized: 2 });
    const guess = () => http.send('GET', '/fhir/Goal', { as: 'nobody-such' });
    expect((await times(3, guess)).map(({ status }) => status)).toEqual([401, 401, 429]);
    expect((await http.send('GET', '/fhir/Goal', { as: 'goals' })).status).toBe(200);
  });

  test('PP-70 TH-63 the trail is told once a minute of each address that is kept waiting, and of no more addresses than there is room for', async () => {
    const now = { at: new Date('2026-11-23T12:00:10Z') };
    const http = await start({ token: 1 }, ['127.0.0.1'], now);
    const ask = (from: string) => () =>
      http.send('POST', '/auth/token', { headers: { 'X-Forwarded-For': from }, as: 'nobody' });
    const told = async () => {
      const rows = await http.store.query<{ entry: string }>('SELECT entry FROM audit_pending ORDER BY seq');
      return rows
        .map(({ entry }) => JSON.parse(entry))
        .filter(({ detail }) => /^throttled/.test(detail ?? ''))
        .map(({ status, outcome, address, detail }) => [status, outcome, address, detail]);
    };
    await times(5, ask('203.0.113.9'));
    expect(await told()).toEqual([[429, 'refused', '203.0.113.9', 'throttled token']]);
    now.at = new Date('2026-11-23T12:01:01Z');
    await times(2, ask('203.0.113.9'));
    expect((await told())[1]).toEqual([429, 'refused', '203.0.113.9', 'throttled token, 3 more in the minute before']);
    now.at = new Date('2026-11-23T12:02:01Z');
    const before = (await told()).length;
    for (let at = 0; at < limits.rates.toldAddresses + 5; at++) await times(2, ask(`198.51.${at >> 8}.${at & 255}`));
    const flood = (await told()).slice(before);
    expect(flood).toHaveLength(limits.rates.toldAddresses + 1);
    expect(flood.at(-1)).toEqual([429, 'refused', undefined, 'throttled token']);
  });

  test('PP-70 TH-63 the trail is told once a minute of each known caller who is kept waiting, by whichever app', async () => {
    const now = { at: new Date('2026-11-23T12:00:10Z') };
    const http = await start({ read: 1 }, [], now);
    const ask = (as: string) => () => http.send('GET', '/fhir/Goal/none', { as });
    const told = async () => {
      const rows = await http.store.query<{ entry: string }>('SELECT entry FROM audit_pending ORDER BY seq');
      return rows
        .map(({ entry }) => JSON.parse(entry))
        .filter(({ status }) => status === 429)
        .map(({ outcome, client, detail }) => [outcome, client, detail]);
    };
    const answers = await times(6, ask('child-a'));
    expect(answers.map(({ status }) => status)).toEqual([404, 429, 429, 429, 429, 429]);
    expect(answers.at(-1)?.json.resourceType).toBe('OperationOutcome');
    const [first] = await told();
    expect([(await told()).length, first?.[0], first?.[2]]).toEqual([1, 'refused', 'throttled caller']);
    now.at = new Date('2026-11-23T12:01:01Z');
    await times(2, ask('child-a'));
    expect((await told()).map(([, , detail]) => detail)).toEqual([
      'throttled caller',
      'throttled caller, 4 more in the minute before',
    ]);
    const written = (await told()).length;
    await times(3, ask('patient-a'));
    expect((await told()).length - written).toBeLessThanOrEqual(1);
  });

  test('token requests of one network, as OAuth says errors, kept by nobody', async () => {
    const http = await start({ token: 2 });
    const ask = (from: string) => () =>
      http.send('POST', '/auth/token', { headers: { 'X-Forwarded-For': from }, as: 'nobody' });
    const [, , third] = await times(3, ask('203.0.113.9'));
    expect([third?.status, third?.json.error]).toEqual([429, 'temporarily_unavailable']);
    expect(third?.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(third?.headers.get('cache-control')).toBe('no-store');
    expect((await ask('203.0.113.10')()).status).toBe(200);
    expect((await http.send('GET', '/auth/authorize', { headers: { 'X-Forwarded-For': '203.0.113.9' } })).status).toBe(
      200,
    );
    // One IPv6 network is one asker.
    for (const from of ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9']) await ask(from)();
    expect((await ask('2001:db8:1:2:3:4:5:6')()).status).toBe(429);
    expect((await ask('2001:db8:1:3::1')()).status).toBe(200);
  });

  test('authorize requests, as a page that says what to do', async () => {
    const http = await start({ authorize: 1 });
    const [, second] = await times(2, () => http.send('GET', '/AUTH/authorize?client_id=%3Cscript%3E'));
    expect([second?.status, second?.headers.get('content-type')]).toEqual([429, 'text/plain; charset=utf-8']);
    expect(second?.text).toMatch(/^Too many requests .* try again\.\n$/);
  });

  test('discovery', async () => {
    const http = await start({ open: 1 });
    const asked = await times(2, () => http.send('GET', '/fhir/metadata', { as: 'nobody' }));
    expect(asked.map(({ status }) => status)).toEqual([200, 429]);
    expect(asked[1]?.headers.get('access-control-allow-origin')).toBe('*');
  });
});

describe('who is counted (TH-63)', () => {
  test('whoever is no trusted proxy cannot say that somebody else asks', async () => {
    const http = await start({ token: 1 }, []);
    let place = 0;
    const ask = () =>
      http.send('POST', '/auth/token', { as: 'nobody', headers: { 'X-Forwarded-For': `203.0.113.${place++}` } });
    expect((await times(2, ask)).map(({ status }) => status)).toEqual([200, 429]);
  });

  test('the log says once that a proxy is not known as one, and nothing of who comes by it', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'warn', base: null }, { write: (line: string) => void lines.push(line) });
    const rates = createRateLimits({ countLoopback: true });
    const http = await startHttp({ rates, trustedProxies: [], log });
    open.push(http);
    for (const from of ['203.0.113.1', '203.0.113.2'])
      await http.send('GET', '/fhir/metadata', { as: 'nobody', headers: { 'X-Forwarded-For': from } });
    expect(lines.filter((line) => line.includes('TRUSTED_PROXIES'))).toHaveLength(1);
    expect(lines.join()).not.toContain('203.0.113');
  });

  test('behind a trusted proxy the last address that is none of ours, not the first that was written', async () => {
    const http = await start({ token: 1 }, ['127.0.0.1', '10.0.0.0/8']);
    let place = 0;
    const ask = () =>
      http.send('POST', '/auth/token', {
        as: 'nobody',
        headers: { 'X-Forwarded-For': `198.51.100.${place++}, 203.0.113.7, 10.1.2.3` },
      });
    expect((await times(2, ask)).map(({ status }) => status)).toEqual([200, 429]);
  });

  test('this machine’s own address is not counted where nobody else comes from it', async () => {
    const rates = createRateLimits({ perMinute: { open: 1 }, countLoopback: false });
    const http = await startHttp({ rates, trustedProxies: ['127.0.0.1'] });
    open.push(http);
    const ask = (headers: Record<string, string>) => () =>
      http.send('GET', '/fhir/metadata', { as: 'nobody', headers });
    expect((await times(3, ask({}))).map(({ status }) => status)).toEqual([200, 200, 200]);
    const far = await times(2, ask({ 'X-Forwarded-For': '203.0.113.7' }));
    expect(far.map(({ status }) => status)).toEqual([200, 429]);
  });
});
