import { describe, expect, test } from '@jest/globals';
import express from 'express';
import { createOwnCookies, readCookie, setCookie } from '../../src/auth/cookies.ts';
import { closeServer, listen } from './support/auth-server.ts';

async function ask(cookie?: string): Promise<{ read: string | null; set: string[] }> {
  const app = express();
  app.get('/', (request, response) => {
    const plain = { name: 'a', value: 'v', path: '/auth', seconds: 60 };
    setCookie(response, { ...plain, secure: true });
    setCookie(response, { ...plain, secure: false });
    response.json({ read: readCookie(request, 'a') ?? null });
  });
  const { server, url } = await listen(app);
  const response = await fetch(url, { headers: cookie === undefined ? {} : { cookie } });
  const { read } = await response.json();
  await closeServer(server);
  return { read, set: response.headers.getSetCookie() };
}

test('TH-12 our own pages: over https a cookie that no other host of the domain can set, and no other site sends', async () => {
  for (const [publicUrl, expected] of [
    [
      'https://plans.example.org/care',
      '__Host-careweave_account=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure',
    ],
    ['http://127.0.0.1:8080', 'careweave_account=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax'],
  ] as const) {
    const cookies = createOwnCookies(publicUrl);
    const app = express();
    app.get('/', (request, response) => {
      cookies.set(response, 'account', 'v', 60);
      response.json({ read: cookies.read(request, 'account') ?? null, t: cookies.beginning(request, 't_') });
    });
    const { server, url } = await listen(app);
    const name = expected.split('=', 1)[0] ?? '';
    const cookie = `${name}=mine; ${name.replace('account', 't_1')}=x; careweave_t=y; t_2=z`;
    const response = await fetch(url, { headers: { cookie } });
    expect(response.headers.getSetCookie()).toEqual([expected]);
    expect(await response.json()).toEqual({ read: 'mine', t: ['t_1'] });
    await closeServer(server);
  }
});

describe('cookies', () => {
  test.each([
    [undefined, null],
    ['', null],
    ['b=1', null],
    ['aa=1', null],
    ['a=', null],
    ['a=1; a=2', null],
    ['a=1', '1'],
    ['x=y;a=1==; b=2', '1=='],
  ])('%s is read as %s', async (cookie, value) => {
    expect((await ask(cookie)).read).toBe(value);
  });

  test('over https one that works in a frame, in a jar of its own; over http same-site', async () => {
    const { set } = await ask();
    expect(set[0]).toBe('a=v; Path=/auth; Max-Age=60; HttpOnly; SameSite=None; Secure; Partitioned');
    expect(set[1]).toBe('a=v; Path=/auth; Max-Age=60; HttpOnly; SameSite=Lax');
  });
});
