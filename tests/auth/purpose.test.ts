import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import {
  type Answer,
  type AuthServer,
  askBackend,
  assertion,
  startAuthServer,
  type TestKey,
  testKey,
} from './support/auth-server.ts';

/** PP-54: for what a token is, as each request for one may say, within what its client is registered for. */
let server: AuthServer;
let key: TestKey;
let clientId: string;
let without: string;
const reasons = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
const oid = 'urn:oid:2.16.840.1.113883.5.8';

beforeAll(async () => {
  server = await startAuthServer();
  key = await testKey('ES384');
  const jwks = { keys: [key.publicJwk] };
  const add = async (purposes: string[]) => {
    const client = await server.auth.addClient({
      name: 'M',
      type: 'asymmetric',
      scopes: 'system/Patient.rs',
      jwks,
      purposes,
    });
    if (!client.ok) throw new Error(client.error.issues[0]?.text);
    return client.value.id;
  };
  clientId = await add(['TREAT', 'COC']);
  without = await add([]);
});
afterAll(() => server.close());

const b2b = (purpose_of_use: unknown) => ({
  claims: { extensions: { 'hl7-b2b': { version: '1', organization_id: 'https://a.example', purpose_of_use } } },
});
const ask = async (change: object = {}, form: Record<string, string> = {}, id = clientId) =>
  askBackend(server, await assertion(server, id, key, change), { scope: 'system/Patient.rs', ...form });
const purposes = ({ body }: Answer) => decodeJwt(String(body.access_token)).purpose_of_use;

describe('PP-54 refused', () => {
  test.each<[string, object, Record<string, string>]>([
    ['a purpose for which it is not registered', b2b([`${oid}#HPAYMT`]), {}],
    ['one of two', b2b([`${oid}#TREAT`, `${oid}#HPAYMT`]), {}],
    ['in the form', {}, { purpose_of_use: 'HPAYMT' }],
    ['an emergency', {}, { purpose_of_use: 'BTG' }],
    ['of another code system', b2b(['http://a.example/codes#TREAT']), {}],
    ['none of many', b2b([]), {}],
    ['not a list', b2b('TREAT'), {}],
    ['two that differ', b2b([`${reasons}#COC`]), { purpose_of_use: 'TREAT' }],
  ])('PP-54 %s', async (_name, change, form) => {
    const answer = await ask(change, form);
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
  });

  test('PP-54 any purpose, of a client that is registered for none', async () => {
    expect((await ask({}, { purpose_of_use: 'TREAT' }, without)).status).toBe(400);
    expect(purposes(await ask({}, {}, without))).toBeUndefined();
  });
});

test('PP-54 a token is for what its request said, else for all that is registered, and the trail says which', async () => {
  expect(purposes(await ask())).toEqual(['TREAT', 'COC']);
  expect(purposes(await ask({}, { purpose_of_use: 'COC' }))).toEqual(['COC']);
  expect(purposes(await ask(b2b([`${oid}#TREAT`])))).toEqual(['TREAT']);
  expect(purposes(await ask(b2b([`${reasons}#TREAT`]), { purpose_of_use: `${reasons}|TREAT` }))).toEqual(['TREAT']);
  const rows = await server.sql.query<{ entry: string }>('SELECT entry FROM audit_pending ORDER BY seq');
  const told = rows
    .map(({ entry }) => JSON.parse(entry))
    .filter(({ act, outcome }) => act === 'token' && outcome === 'success');
  expect(told.map(({ purpose }) => purpose)).toEqual([undefined, ['TREAT', 'COC'], ['COC'], ['TREAT'], ['TREAT']]);
});
