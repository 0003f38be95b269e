import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { escapeHtml } from '../../src/auth/page.ts';
import type { NewClient } from '../../src/auth/types.ts';
import { type AuthServer, startAuthServer, testKey } from './support/auth-server.ts';

let server: AuthServer;
let good: NewClient;

beforeAll(async () => {
  server = await startAuthServer();
  const key = await testKey('ES384');
  good = { name: 'Machine', type: 'asymmetric', scopes: 'system/*.rs', jwks: { keys: [key.publicJwk] } };
});
afterAll(async () => {
  await server.close();
});

const redirecting = (uri: string): Partial<NewClient> => ({ redirectUris: [uri] });

describe('a registration that is refused (SC-137, SC-138)', () => {
  test.each<[string, Partial<NewClient>]>([
    ['no name', { name: ' ' }],
    ['an id with a space', { id: 'a b' }],
    ['no scopes', { scopes: '' }],
    ['an unknown scope', { scopes: 'system/*.rs system/Banana.rs' }],
    ['no keys', { jwks: undefined }],
    ['keys and their URL', { jwksUrl: 'https://client.example/jwks' }],
    ['an empty set', { jwks: { keys: [] } }],
    ['no set', { jwks: 'text' }],
    ['keys over http', { jwks: undefined, jwksUrl: 'http://client.example/jwks' }],
    ['public with keys', { type: 'public', redirectUris: ['https://app.example/'] }],
    ['public without a redirect URL', { type: 'public', jwks: undefined }],
    ['javascript:', redirecting('javascript:alert(1)')],
    ['data:', redirecting('data:text/html,x')],
    ['http elsewhere', redirecting('http://app.example/')],
    ['a fragment', redirecting('https://app.example/#x')],
    ['an empty fragment', redirecting('https://app.example/#')],
    ['userinfo', redirecting('https://u:p@app.example/')],
    ['a relative URL', redirecting('/callback')],
    ['a launch URL of that kind', { launchUrls: ['ftp://app.example/'] }],
  ])('%s', async (_name, change) => {
    const result = await server.auth.addClient({ ...good, ...change });
    expect(result).toMatchObject({ ok: false, error: { kind: 'invalid' } });
  });

  test('private, weak, nameless and broken keys', async () => {
    const { privateKey } = await generateKeyPair('ES384', { extractable: true });
    const weak = await generateKeyPair('ES256', { extractable: true });
    const fine = await testKey('ES384');
    for (const jwk of [
      { ...(await exportJWK(privateKey)), kid: 'private' },
      { ...(await exportJWK(weak.publicKey)), kid: 'p-256' },
      { ...fine.publicJwk, kid: undefined },
      { ...fine.publicJwk, x: 'AAAA' },
      { kty: 'oct', k: 'c2VjcmV0', kid: 'shared' },
    ]) {
      expect((await server.auth.addClient({ ...good, jwks: { keys: [jwk] } })).ok).toBe(false);
    }
  });

  test('an id that is taken keeps its keys', async () => {
    expect((await server.auth.addClient({ ...good, id: 'mine' })).ok).toBe(true);
    const thief = await testKey('ES384', 'thief');
    const again = await server.auth.addClient({ ...good, id: 'mine', jwks: { keys: [thief.publicJwk] } });
    expect(again).toMatchObject({ ok: false, error: { kind: 'conflict' } });
    expect((await server.auth.clients.find('mine'))?.jwks?.map(({ kid }) => kid)).toEqual(['kid-ES384']);
  });
});

test('registered, listed, ended', async () => {
  const added = await server.auth.addClient({ ...good, name: 'Listed', redirectUris: ['http://127.0.0.1:9/cb'] });
  if (!added.ok) throw new Error(added.error.issues[0]?.text);
  expect(added.value).toMatchObject({ active: true, firstParty: false, redirectUris: ['http://127.0.0.1:9/cb'] });
  expect((await server.auth.clients.list()).map(({ id }) => id)).toContain(added.value.id);
  expect(await server.auth.clients.deactivate(added.value.id)).toBe(true);
  expect((await server.auth.clients.find(added.value.id))?.active).toBe(false);
  expect(await server.auth.clients.deactivate('nobody')).toBe(false);
});

test('text in a page is text', () => {
  expect(escapeHtml(`<a href="x" onclick='y'>&`)).toBe('&lt;a href=&quot;x&quot; onclick=&#39;y&#39;&gt;&amp;');
});
