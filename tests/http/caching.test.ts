import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestHouse, type TestHouse } from '../support/house.ts';

/** Who may keep our answers: asked of the whole house, for every kind of address, answers and refusals. */
let house: TestHouse;
let token: string;
beforeAll(async () => {
  house = await openTestHouse();
  token = await house.token();
  for (const [type, more] of [
    ['Patient', {}],
    ['Goal', { lifecycleStatus: 'active', description: { text: 'x' }, subject: { reference: 'Patient/kept' } }],
  ] as const)
    await house.fhir('PUT', `/${type}/kept`, { resourceType: type, id: 'kept', ...more });
  await house.fhir('PUT', '/Goal/gone', {
    resourceType: 'Goal',
    id: 'gone',
    lifecycleStatus: 'active',
    description: { text: 'x' },
    subject: { reference: 'Patient/kept' },
  });
  await house.fhir('DELETE', '/Goal/gone');
});
afterAll(() => house?.shut());

const ask = (method: string, path: string, body?: string, auth: string | undefined = token) =>
  fetch(`${house.url}${path}`, {
    method,
    redirect: 'manual',
    body,
    headers: {
      ...(auth && { Authorization: `Bearer ${auth}` }),
      ...(body !== undefined && { 'Content-Type': 'application/fhir+json' }),
    },
  });

describe('TH-62: nobody keeps', () => {
  test.each([
    ['GET', '/fhir/Patient/kept', 200],
    ['HEAD', '/fhir/Patient/kept', 200],
    ['GET', '/fhir/Patient/kept/_history', 200],
    ['GET', '/fhir/Patient/kept/_history/1', 200],
    ['GET', '/fhir/Patient?_id=kept', 200],
    ['GET', '/fhir/Patient/kept/Goal', 200],
    ['GET', '/fhir/Patient/kept/$everything', 200],
    ['GET', '/fhir?_type=Goal', 200],
    ['GET', '/fhir/_history', 200],
    ['GET', '/fhir/Patient/nobody', 404],
    ['GET', '/fhir/Goal/gone', 410],
    ['GET', '/fhir/Patient?nonsense=1', 400],
    ['GET', '/fhir/Patient/$nonsense', 404],
    ['GET', '/fhir/Nonsense', 404],
    ['PUT', '/fhir/Patient', 412],
    ['POST', '/fhir/Patient', 201],
    ['POST', '/fhir', 200],
    ['GET', '/fhir/metadata', 200],
    ['GET', '/cds-services/none', 404],
    ['GET', '/auth/authorize', 400],
    ['GET', '/auth/token', 405],
    ['POST', '/auth/token', 400],
    ['POST', '/auth/introspect', undefined],
    ['POST', '/auth/revoke', undefined],
    ['GET', '/auth/sign-in', undefined],
    ['GET', '/auth/account', undefined],
    ['GET', '/auth/manage', undefined],
    ['GET', '/auth/continue', undefined],
    ['GET', '/auth/nothing', 404],
    ['GET', '/launch', undefined],
    ['GET', '/launch/callback', undefined],
    ['GET', '/clinician', 200],
    ['GET', '/', 200],
    ['GET', '/nothing', 404],
    ['GET', '/health/ready', 200],
    ['GET', '/metrics', 200],
    ['GET', '/app/nothing.js', 404],
  ])('%s %s', async (method, path, status) => {
    const bodies: Record<string, string> = {
      '/fhir/Patient': '{"resourceType":"Patient"}',
      '/fhir': '{"resourceType":"Bundle","type":"batch"}',
    };
    const answer = await ask(method, path, method === 'POST' || method === 'PUT' ? (bodies[path] ?? '') : undefined);
    await answer.arrayBuffer();
    if (status !== undefined) expect([path, answer.status]).toEqual([path, status]);
    expect(answer.status).toBeLessThan(500);
    expect([path, answer.headers.get('cache-control')]).toEqual([path, 'no-store']);
  });

  test('what is revalidated, and what needs a token', async () => {
    const { headers } = await ask('GET', '/fhir/Patient/kept');
    const again = await fetch(`${house.url}/fhir/Patient/kept`, {
      headers: { Authorization: `Bearer ${token}`, 'If-None-Match': headers.get('etag') ?? '' },
    });
    expect([again.status, again.headers.get('cache-control')]).toEqual([304, 'no-store']);
    const refused = await ask('GET', '/fhir/Patient/kept', undefined, '');
    expect([refused.status, refused.headers.get('cache-control')]).toEqual([401, 'no-store']);
  });
});

test('TH-62: only what is the same for everybody may be kept', async () => {
  const file = readdirSync(join(import.meta.dirname, '../../build/web'), { recursive: true })
    .map(String)
    .find((name) => name.endsWith('.js'));
  for (const path of ['/.well-known/jwks.json', '/.well-known/openid-configuration', `/app/${file}`]) {
    const answer = await ask('GET', path, undefined, '');
    expect([path, answer.status, answer.headers.get('cache-control')]).toEqual([
      path,
      200,
      expect.stringMatching(/^public, max-age=\d+/),
    ]);
  }
});
