import { createServer, type RequestListener, type Server } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { isLoopbackHost, isPublicAddress, networkOf } from '../../src/base/addresses.ts';
import { createGuardedFetch, type GuardedFetch, type OutboundResult } from '../../src/base/guarded-fetch.ts';
import { withinDepth } from '../../src/base/json-depth.ts';

let server: Server;
let origin: string;
let port: number;
let answer: RequestListener = (_request, response) => response.end();
const seen: { url: string; authorization?: string; cookie?: string }[] = [];
const made: GuardedFetch[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push({ url: request.url ?? '', authorization: request.headers.authorization, cookie: request.headers.cookie });
    answer(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  port = address.port;
  origin = `http://127.0.0.1:${port}`;
});
afterEach(async () => {
  seen.length = 0;
  await Promise.all(made.splice(0).map((fetch) => fetch.close()));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function guarded(change: Partial<Parameters<typeof createGuardedFetch>[0]> = {}): GuardedFetch {
  const fetch = createGuardedFetch({ allowedOrigins: [origin], allowLoopback: true, ...change });
  made.push(fetch);
  return fetch;
}

const classOf = (result: OutboundResult) => (result.ok ? `ok ${result.value.status}` : result.error.class);

describe('where it may go (TH-01)', () => {
  test.each([
    'not a url',
    'file:///etc/passwd',
    'http://example.org/',
    'https://user:secret@example.org/',
    'https://10.0.0.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://192.168.1.1/',
    'https://100.64.0.1/',
    'https://0.0.0.0/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::ffff:10.0.0.1]/',
    'https://[fd00::1]/',
    'https://[fe80::1]/',
    'https://[64:ff9b::a00:1]/',
    'https://[::ffff:169.254.169.254]/',
    'https://[::ffff:7f00:1]/',
    'https://[fe80::1]:8443/',
    'https://[fc00::1]/',
    'https://0xa9fea9fe/',
    'https://0251.0376.0251.0376/',
    'https://169.254.43518/',
    'https://%31%30.0.0.1/',
    'https://１０.0.0.1/',
    'https://127.0.0.1./',
    'https://metadata.google.internal/computeMetadata/v1/',
    'https://metadata.google.internal./',
    'https://metadata/',
    'https://kubernetes.default.svc.local/',
    'https://example.org:22/',
    'https://example.org:6379/',
    'https://localhost./',
    'https://localhost/',
    'https://x.localhost/',
    'https://127.0.0.2/',
  ])('%s is blocked', async (url) => {
    expect(classOf(await guarded({ allowLoopback: false })(url))).toBe('blocked');
    expect(seen).toEqual([]);
  });

  test('a name that resolves to a private address is blocked, whoever gave the name', async () => {
    // The machine's own name resolves through /etc/hosts or the resolver to something that is not public.
    const { hostname } = await import('node:os');
    const result = await guarded({ allowLoopback: false })(`https://${hostname()}:${port}/`);
    expect(['blocked', 'network']).toContain(classOf(result));
    expect(seen).toEqual([]);
  });

  /** Names and what they stand for, at each time that they are asked. */
  const naming = (answers: Record<string, string[][]>) => {
    const asked: string[] = [];
    const resolve = async (name: string) => {
      asked.push(name);
      const found = (answers[name]?.length ?? 0) > 1 ? answers[name]?.shift() : answers[name]?.[0];
      return (found ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    };
    return { asked, resolve };
  };

  test.each([
    ['a private address', ['10.1.2.3']],
    ['this machine', ['127.0.0.1']],
    ['this machine, as IPv6', ['::1']],
    ['the metadata service', ['169.254.169.254']],
    ['a public and a private address', ['93.184.215.14', '192.168.0.1']],
    ['an IPv4 address inside of an IPv6 one', ['::ffff:10.0.0.1']],
    ['an IPv4 address inside of a translated one', ['64:ff9b::a00:1']],
    ['nowhere', ['0.0.0.0']],
    ['nothing', []],
  ])('a name that stands for %s is blocked, and nothing is sent', async (_name, addresses) => {
    const { resolve } = naming({ 'rebind.example': [addresses] });
    const fetch = guarded({ allowLoopback: true, resolve });
    expect(classOf(await fetch('https://rebind.example/'))).toBe('blocked');
    expect(seen).toEqual([]);
  });

  test('a name that points elsewhere a moment later: it is asked once, and what was judged is what is called', async () => {
    answer = (_request, response) => response.writeHead(200, { connection: 'close' }).end();
    const { asked, resolve } = naming({ 'rebind.localhost': [['127.0.0.1'], ['10.0.0.1']] });
    const fetch = guarded({ allowLoopback: true, resolve });
    const address = `http://rebind.localhost:${port}/`;
    expect(classOf(await fetch(address))).toBe('ok 200');
    expect(asked).toEqual(['rebind.localhost']);
    expect(classOf(await fetch(address))).toBe('blocked');
    expect(seen).toHaveLength(1);
  });

  test('a name inside of the hospital where that is configured, but not for what is beside every machine', async () => {
    const inside = `https://ehr.hospital.example:${port}`;
    const { resolve } = naming({ 'ehr.hospital.example': [['169.254.169.254'], ['fe80::1'], ['127.0.0.1']] });
    const fetch = guarded({ allowLoopback: false, localOrigins: [inside], resolve, totalMs: 500 });
    for (const _ of ['link-local', 'link-local in IPv6']) expect(classOf(await fetch(inside))).toBe('blocked');
    // It speaks no TLS, so the connection that is made now fails there.
    expect(classOf(await fetch(inside))).toBe('network');
    expect(classOf(await guarded({ localOrigins: ['https://169.254.169.254'] })('https://169.254.169.254/'))).toBe(
      'blocked',
    );
  });

  test('a port that is not the web’s only where the address was configured', async () => {
    const { asked, resolve } = naming({ 'ehr.example': [['127.0.0.1']] });
    const fetch = guarded({ allowLoopback: false, allowedOrigins: ['https://ehr.example:9999'], resolve });
    expect(classOf(await fetch('https://ehr.example:9998/'))).toBe('blocked');
    expect(asked).toEqual([]);
    // Looked up, and refused for what it stands for.
    expect(classOf(await fetch('https://ehr.example:9999/'))).toBe('blocked');
    expect(asked).toEqual(['ehr.example']);
  });

  test('loopback only where allowed', async () => {
    answer = (_request, response) => response.end('hello');
    expect(classOf(await guarded({ allowLoopback: false })(`${origin}/`))).toBe('blocked');
    expect(classOf(await guarded()(`${origin}/`))).toBe('ok 200');
    expect(classOf(await guarded({ allowLoopback: false, localOrigins: [origin] })(`${origin}/`))).toBe('ok 200');
  });
});

describe('what it carries (TH-02)', () => {
  test('a token to a configured origin only, and no other credentials', async () => {
    answer = (_request, response) => response.end();
    const fetch = guarded();
    expect(classOf(await fetch(`${origin}/a`, { token: 't' }))).toBe('ok 200');
    expect(seen[0]?.authorization).toBe('Bearer t');
    const other = `http://localhost:${port}`;
    expect(classOf(await fetch(`${other}/b`, { token: 't' }))).toBe('blocked');
    expect(seen).toHaveLength(1);
    await fetch(`${origin}/c`, { headers: { Authorization: 'Basic x', Cookie: 'a=b', accept: 'x' } });
    expect(seen[1]).toEqual({ url: '/c', authorization: undefined, cookie: undefined });
  });

  test('redirects: refused by default, followed to the same origin on request, never elsewhere, never a POST', async () => {
    answer = (request, response) => {
      const to: Record<string, string> = {
        '/same': '/end',
        '/other': `http://localhost:${port}/end`,
        '/loop': '/loop',
      };
      const location = to[request.url ?? ''];
      if (location) response.writeHead(302, { location }).end();
      else response.end('end');
    };
    const fetch = guarded();
    expect(classOf(await fetch(`${origin}/same`))).toBe('blocked');
    const followed = await fetch(`${origin}/same`, { redirects: 'same-origin', token: 't' });
    expect(followed).toMatchObject({ ok: true, value: { body: 'end', url: `${origin}/end` } });
    expect(classOf(await fetch(`${origin}/other`, { redirects: 'same-origin', token: 't' }))).toBe('blocked');
    expect(classOf(await fetch(`${origin}/other`, { redirects: 'same-origin' }))).toBe('blocked');
    expect(classOf(await fetch(`${origin}/loop`, { redirects: 'same-origin' }))).toBe('blocked');
    expect(classOf(await fetch(`${origin}/same`, { method: 'POST', redirects: 'same-origin' }))).toBe('blocked');
    expect(seen.filter(({ url }) => url === '/end')).toHaveLength(1);
  });
});

describe('what it takes back', () => {
  test('a gzip bomb stops at the bound', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000));
    expect(bomb.length).toBeLessThan(100_000);
    answer = (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    expect(classOf(await guarded({ maxBytes: 1_000_000 })(`${origin}/`))).toBe('too-large');
  });

  test('a body without end stops at the bound', async () => {
    answer = (_request, response) => {
      const more = () => {
        if (!response.destroyed && response.write('x'.repeat(10_000))) setImmediate(more);
      };
      response.on('drain', more);
      more();
    };
    expect(classOf(await guarded({ maxBytes: 200_000 })(`${origin}/`))).toBe('too-large');
  });

  test('JSON that is too deep', async () => {
    answer = (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('['.repeat(100_000));
    expect(classOf(await guarded()(`${origin}/`))).toBe('too-large');
  });

  test('silence, and a body that trickles, end in a timeout', async () => {
    answer = () => {};
    expect(classOf(await guarded({ totalMs: 100 })(`${origin}/`))).toBe('timeout');
    answer = (_request, response) => {
      response.write('x');
    };
    expect(classOf(await guarded({ totalMs: 100 })(`${origin}/`))).toBe('timeout');
  });

  test('a refused and a broken connection', async () => {
    expect(classOf(await guarded()('http://127.0.0.1:1/'))).toBe('network');
    answer = (request) => request.socket.destroy();
    expect(classOf(await guarded()(`${origin}/`))).toBe('network');
  });

  test('an error status with its body, how long to wait, and no word of either in the text', async () => {
    answer = (_request, response) => response.writeHead(429, { 'retry-after': '7' }).end('secret');
    const result = await guarded()(`${origin}/?name=secret`);
    expect(result).toMatchObject({
      ok: false,
      error: { class: 'http', status: 429, retryAfterSeconds: 7, body: 'secret' },
    });
    if (!result.ok) expect(result.error.text).not.toContain('secret');
    answer = (_request, response) =>
      response
        .writeHead(503, { date: 'Sun, 01 Mar 2026 12:00:00 GMT', 'retry-after': 'Sun, 01 Mar 2026 12:00:30 GMT' })
        .end();
    expect(await guarded()(`${origin}/`)).toMatchObject({ error: { status: 503, retryAfterSeconds: 30 } });
  });

  test('text as it was sent, headers by name', async () => {
    answer = (_request, response) => response.writeHead(201, { location: '/x' }).end('{"value":1.10}');
    const result = await guarded()(`${origin}/`, { method: 'POST', body: '{}' });
    if (!result.ok) throw new Error(result.error.text);
    expect(result.value.body).toBe('{"value":1.10}');
    expect(result.value.header('Location')).toBe('/x');
    expect(result.value.header('etag')).toBeUndefined();
  });
});

describe('addresses and depth', () => {
  test('public means public', () => {
    for (const address of ['8.8.8.8', '1.1.1.1', '2606:4700::1111']) expect(isPublicAddress(address)).toBe(true);
    for (const address of ['example.org', '', '127.1', '2001:db8::1', '2002:a00::1', 'ff02::1', '::ffff:8.8.8.8']) {
      expect(isPublicAddress(address)).toBe(false);
    }
    expect(isLoopbackHost('localhost.example.org')).toBe(false);
  });

  test('one network is one asker: an IPv4 address, however it is written, or the /64 of an IPv6 one (TH-63)', () => {
    expect([networkOf('203.0.113.7'), networkOf('::ffff:203.0.113.7')]).toEqual(['203.0.113.7', '203.0.113.7']);
    for (const address of [
      '2001:db8:0:1::1',
      '2001:db8::1:0:0:0:9',
      '2001:0DB8:0:0001:ffff::',
      '2001:db8:0:1:1:2:3:4%eth0',
    ])
      expect(networkOf(address)).toBe('2001:db8:0:1');
    expect(networkOf('2001:db8:0:2::1')).not.toBe(networkOf('2001:db8:0:1::1'));
    expect(networkOf('::1')).toBe('0:0:0:0');
  });

  test('depth counts brackets outside strings only', () => {
    expect(withinDepth('[[{"a":"[[[[{{{{\\"[["}]]', 3)).toBe(true);
    expect(withinDepth('[[[[1]]]]', 3)).toBe(false);
    expect(withinDepth('[[],[],[],{}]', 2)).toBe(true);
    expect(withinDepth('"\\', 1)).toBe(true);
  });
});
