import { describe, expect, test } from '@jest/globals';
import express from 'express';
import { readCookie, setCookie } from '../../src/auth/cookies.ts';
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
