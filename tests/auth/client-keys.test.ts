import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import express, { type Response } from 'express';
import { addApp } from './support/apps.ts';
import {
  type AuthServer,
  askBackend,
  assertion,
  closeServer,
  listen,
  startAuthServer,
  type TestKey,
  testKey,
} from './support/auth-server.ts';

/** A client's own server, whose answer each test decides. */
let server: AuthServer;
let host: { server: Server; url: string };
let key: TestKey;
let other: TestKey;
let answer: (response: Response) => void = () => {};
let fetches = 0;
let accept: string | undefined;

beforeAll(async () => {
  server = await startAuthServer();
  key = await testKey('ES384', 'first');
  other = await testKey('ES384', 'second');
  const app = express();
  app.get('/{*path}', (request, response) => {
    fetches += 1;
    accept = request.get('accept');
    answer(response);
  });
  host = await listen(app);
});
afterAll(async () => {
  await closeServer(host.server);
  await server.close();
});

/** A machine whose keys are at an address of its own, and how often that has been asked. */
async function machine(serve: (response: Response) => void) {
  answer = serve;
  fetches = 0;
  const jwksUrl = `${host.url}/${crypto.randomUUID()}`;
  const id = await addApp(server, { type: 'asymmetric', scopes: 'system/*.rs', jwksUrl });
  return {
    ask: async (signer: TestKey) => (await askBackend(server, await assertion(server, id, signer))).status,
    fetches: () => fetches,
  };
}

const serving = (keys: () => TestKey[], control?: string) => (response: Response) => {
  if (control !== undefined) response.set('Cache-Control', control);
  response.json({ keys: keys().map(({ publicJwk }) => publicJwk) });
};

describe('SC-134 what is not read as keys', () => {
  test.each<[string, (response: Response) => void]>([
    ['a page', (response) => response.type('html').send(JSON.stringify({ keys: [key.publicJwk] }))],
    ['an error', (response) => response.status(500).json({ keys: [key.publicJwk] })],
    ['a redirect', (response) => response.redirect('/elsewhere')],
    ['more than 64 kB', (response) => response.json({ keys: [key.publicJwk], more: 'x'.repeat(70_000) })],
    ['no set', (response) => response.json([key.publicJwk])],
    ['no JSON', (response) => response.type('json').send('{')],
    ['nested without end', (response) => response.type('json').send('['.repeat(50_000))],
  ])('%s', async (_name, serve) => {
    const { ask } = await machine(serve);
    expect(await ask(key)).toBe(401);
  });

  test('asked for as JSON', async () => {
    const { ask } = await machine(serving(() => [key]));
    expect(await ask(key)).toBe(200);
    expect(accept).toBe('application/json');
  });
});

describe('SC-135 how long keys are kept', () => {
  test('no-store: never; a key that was removed stops at once', async () => {
    let keys = [key];
    const one = await machine(serving(() => keys, 'no-store'));
    expect([await one.ask(key), await one.ask(key), one.fetches()]).toEqual([200, 200, 2]);
    keys = [other];
    expect(await one.ask(key)).toBe(401);
  });

  test('without a word of it: at most five minutes', async () => {
    let keys = [key];
    const one = await machine(serving(() => keys));
    expect(await one.ask(key)).toBe(200);
    keys = [other];
    server.clock.advance(299);
    expect([await one.ask(key), one.fetches()]).toEqual([200, 1]);
    server.clock.advance(2);
    expect([await one.ask(key), one.fetches()]).toEqual([401, 2]);
  });

  test('max-age of a day: no longer than that either', async () => {
    const one = await machine(serving(() => [key], 'max-age=86400'));
    await one.ask(key);
    server.clock.advance(301);
    expect([await one.ask(key), one.fetches()]).toEqual([200, 2]);
  });

  test('max-age of twenty seconds: not longer', async () => {
    let keys = [key];
    const one = await machine(serving(() => keys, 'public, max-age=20'));
    expect(await one.ask(key)).toBe(200);
    keys = [];
    server.clock.advance(21);
    expect(await one.ask(key)).toBe(401);
  });
});

describe('SC-135 an unknown kid is no hammer', () => {
  test('sixteen at once, and more after them: one fetch a minute', async () => {
    const one = await machine(serving(() => [key], 'max-age=200'));
    expect(await one.ask(key)).toBe(200);
    server.clock.advance(61);
    const asked = await Promise.all(Array.from({ length: 16 }, () => one.ask(other)));
    expect([new Set(asked), one.fetches()]).toEqual([new Set([401]), 2]);
    expect([await one.ask(other), one.fetches()]).toEqual([401, 2]);
    // Its own key goes on working meanwhile.
    expect([await one.ask(key), one.fetches()]).toEqual([200, 2]);
    server.clock.advance(61);
    expect([await one.ask(other), one.fetches()]).toEqual([401, 3]);
  });

  test('also where nothing may be kept, and where nothing can be had', async () => {
    const one = await machine(serving(() => [key], 'no-store'));
    for (const _ of [1, 2, 3, 4]) expect(await one.ask(other)).toBe(401);
    expect(one.fetches()).toBe(1);
    const down = await machine((response) => response.status(503).end());
    for (const _ of [1, 2, 3, 4]) expect(await down.ask(key)).toBe(401);
    expect(down.fetches()).toBe(1);
  });
});
