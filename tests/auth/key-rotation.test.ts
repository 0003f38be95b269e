import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { createKeyRotation, type KeyRotation } from '../../src/auth/key-rotation.ts';
import { limits } from '../../src/base/limits.ts';
import { addApp, newTokens, opens } from './support/apps.ts';
import { type AuthServer, startAuthServer } from './support/auth-server.ts';

let server: AuthServer;
let app: string;
let rotation: KeyRotation;

beforeEach(async () => {
  server = await startAuthServer();
  app = await addApp(server);
  // As the command does it: beside the running server, over the database alone.
  rotation = createKeyRotation(server);
});
afterEach(async () => {
  await server.close();
});

const kidOf = (token: string) => decodeProtectedHeader(token).kid;
const published = async (): Promise<JSONWebKeySet> =>
  JSON.parse(await (await fetch(`${server.url}/.well-known/jwks.json`)).text());
const kids = async () => (await published()).keys.map(({ kid }) => kid);

async function rotated(options?: { compromised: boolean }): Promise<string> {
  const made = await rotation.rotate(options);
  if (!made.ok) throw new Error(made.error.issues[0]?.text);
  return made.value.kid;
}

describe('SC-015', () => {
  test('a new key is published before it signs, and signs without a restart', async () => {
    const before = await newTokens(server, app);
    const next = await rotated();
    server.clock.advance(4);
    expect(await kids()).toEqual(expect.arrayContaining([next, kidOf(before.access_token)]));
    expect(kidOf((await newTokens(server, app)).access_token)).toBe(kidOf(before.access_token));
    server.clock.advance(limits.auth.keyAheadSeconds);
    const after = await newTokens(server, app);
    expect([kidOf(after.access_token), kidOf(String(after.id_token))]).toEqual([next, next]);
    // Longer than anybody keeps our JWKS.
    expect(limits.auth.keyAheadSeconds).toBeGreaterThan(limits.jwks.cacheSeconds);
  });

  test('the old key verifies until its last token has expired, and is gone after that', async () => {
    await newTokens(server, app);
    await rotated();
    server.clock.advance(limits.auth.keyAheadSeconds - 1);
    const last = await newTokens(server, app);
    const old = kidOf(last.access_token);
    server.clock.advance(limits.auth.accessTokenSeconds - 10);
    expect(await opens(server, last.access_token)).toBe(true);
    await jwtVerify(last.access_token, createLocalJWKSet(await published()), { currentDate: server.clock.now() });
    server.clock.advance(20);
    expect(await kids()).not.toContain(old);
    expect(await opens(server, last.access_token)).toBe(false);
  });

  test('a key that is known to others ends with every token it has signed, at once', async () => {
    const tokens = await newTokens(server, app);
    const next = await rotated({ compromised: true });
    server.clock.advance(4);
    expect(await opens(server, tokens.access_token)).toBe(false);
    const after = await newTokens(server, app);
    expect(kidOf(after.access_token)).toBe(next);
    expect(await opens(server, after.access_token)).toBe(true);
    expect(await kids()).not.toContain(kidOf(tokens.access_token));
  });

  test('two rotations at once make one key; another while one waits is refused', async () => {
    await newTokens(server, app);
    const made = await Promise.all([rotation.rotate(), rotation.rotate(), rotation.rotate()]);
    expect(made.filter(({ ok }) => ok)).toHaveLength(1);
    expect((await rotation.rotate()).ok).toBe(false);
    expect((await rotation.list()).map(({ state }) => state)).toEqual(['waiting', 'signing']);
    server.clock.advance(limits.auth.keyAheadSeconds + 1);
    expect((await rotation.rotate()).ok).toBe(true);
    expect((await rotation.list()).map(({ state }) => state)).toEqual(['waiting', 'signing', 'retired']);
  });

  test('TH-65 a clock that was set back still finds a key', async () => {
    await newTokens(server, app);
    server.clock.advance(-3600);
    expect(await opens(server, (await newTokens(server, app)).access_token)).toBe(true);
  });

  test('TH-65 with a clock that was set back, what another process has revoked is noticed as soon as ever', async () => {
    const { access_token } = await newTokens(server, app);
    expect(await opens(server, access_token)).toBe(true);
    await server.sql.query('UPDATE auth_grant SET revoked_at = $1', [server.clock.now()]);
    server.clock.advance(-600);
    expect(await opens(server, access_token)).toBe(false);
  });

  test('SC-014 nothing private is published', async () => {
    await newTokens(server, app);
    await rotated();
    server.clock.advance(4);
    const { keys } = await published();
    expect(keys.filter(({ kty }) => kty === 'RSA')).toHaveLength(2);
    for (const key of keys)
      for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi']) expect(key).not.toHaveProperty(member);
  });
});
