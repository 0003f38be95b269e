import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addApp, addSymmetricApp, newTokens, opens, refresh } from './support/apps.ts';
import {
  type AuthServer,
  askBackend,
  assertion,
  assertionType,
  startAuthServer,
  type TestKey,
  testKey,
} from './support/auth-server.ts';

let server: AuthServer;
let app: string;
let key: TestKey;
let machine: string;

beforeAll(async () => {
  server = await startAuthServer();
  app = await addApp(server);
  key = await testKey('ES384');
  machine = await addApp(server, { type: 'asymmetric', scopes: 'system/*.rs', jwks: { keys: [key.publicJwk] } });
});
afterAll(async () => {
  await server.close();
});

async function revoke(form: Record<string, string>): Promise<{ status: number; text: string; cache: string | null }> {
  const response = await fetch(`${server.url}/auth/revoke`, { method: 'POST', body: new URLSearchParams(form) });
  return { status: response.status, text: await response.text(), cache: response.headers.get('cache-control') };
}

describe('SC-110 refused, or without effect', () => {
  test('no token, no client, an unknown client, a client that does not authenticate, a query, GET, JSON', async () => {
    const { refresh_token } = await newTokens(server, app);
    const closed = await addSymmetricApp(server);
    expect((await revoke({ client_id: app })).status).toBe(400);
    expect((await revoke({ token: refresh_token })).status).toBe(401);
    expect((await revoke({ token: refresh_token, client_id: 'nobody' })).status).toBe(401);
    expect((await revoke({ token: refresh_token, client_id: closed.id })).status).toBe(401);
    const url = `${server.url}/auth/revoke`;
    expect(
      (await fetch(`${url}?token=x`, { method: 'POST', body: new URLSearchParams({ client_id: app }) })).status,
    ).toBe(400);
    expect((await fetch(url)).status).toBe(405);
    const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"token":"x"}' };
    expect((await fetch(url, json)).status).toBe(400);
    expect((await refresh(server, app, refresh_token)).status).toBe(200);
  });

  test('a token of another client: answered like any other, and it goes on working', async () => {
    const tokens = await newTokens(server, app);
    const other = await addApp(server);
    for (const token of [tokens.refresh_token, tokens.access_token])
      expect((await revoke({ token, client_id: other })).status).toBe(200);
    expect(await opens(server, tokens.access_token)).toBe(true);
    expect((await refresh(server, app, tokens.refresh_token)).status).toBe(200);
  });

  test('unknown and malformed tokens: 200', async () => {
    for (const token of ['x', 'a.b.c', 'y'.repeat(43), 'z'.repeat(20_000)])
      expect(await revoke({ token, client_id: app })).toEqual({ status: 200, text: '', cache: 'no-store' });
  });
});

describe('SC-110 revoked', () => {
  test('a refresh token: its access tokens end at once, and the whole family with it', async () => {
    const first = await newTokens(server, app);
    const second = (await refresh(server, app, first.refresh_token)).body;
    expect(await opens(server, second.access_token)).toBe(true);
    expect(
      (await revoke({ token: String(second.refresh_token), client_id: app, token_type_hint: 'refresh_token' })).status,
    ).toBe(200);
    expect(await opens(server, second.access_token)).toBe(false);
    expect(await opens(server, first.access_token)).toBe(false);
    expect((await refresh(server, app, String(second.refresh_token))).body.error).toBe('invalid_grant');
  });

  test("a person's access token, with a wrong hint: its grant ends", async () => {
    const tokens = await newTokens(server, app);
    await revoke({ token: tokens.access_token, client_id: app, token_type_hint: 'refresh_token' });
    expect(await opens(server, tokens.access_token)).toBe(false);
    expect((await refresh(server, app, tokens.refresh_token)).body.error).toBe('invalid_grant');
  });

  test("a machine's access token: that one alone", async () => {
    const ask = async () => String((await askBackend(server, await assertion(server, machine, key))).body.access_token);
    const [one, other] = [await ask(), await ask()];
    const proof = { client_assertion: await assertion(server, machine, key), client_assertion_type: assertionType };
    expect(await opens(server, one)).toBe(true);
    expect((await revoke({ token: one, ...proof })).status).toBe(200);
    expect([await opens(server, one), await opens(server, other)]).toEqual([false, true]);
  });

  test('another grant of the same person and app stays', async () => {
    const [one, other] = [await newTokens(server, app), await newTokens(server, app)];
    await revoke({ token: one.refresh_token, client_id: app });
    expect([await opens(server, one.access_token), await opens(server, other.access_token)]).toEqual([false, true]);
  });

  test('in another process: within seconds', async () => {
    const tokens = await newTokens(server, app);
    expect(await opens(server, tokens.access_token)).toBe(true);
    await server.sql.query('UPDATE auth_grant SET revoked_at = now() WHERE revoked_at IS NULL');
    server.clock.advance(3);
    expect(await opens(server, tokens.access_token)).toBe(false);
  });
});
