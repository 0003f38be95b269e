import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestHouse, type TestHouse } from '../support/house.ts';

/** What somebody without a token finds: asked of the whole house. */
let house: TestHouse;
let said: Record<string, any>;
let statement: any;
beforeAll(async () => {
  house = await openTestHouse();
  said = await json('/fhir/.well-known/smart-configuration');
  statement = await json('/fhir/metadata');
});
afterAll(() => house?.shut());

const json = async (path: string): Promise<any> => (await fetch(`${house.url}${path}`)).json();

describe('SC-001: the SMART configuration is JSON for', () => {
  test.each([undefined, '*/*', 'text/html', 'application/fhir+json', 'application/fhir+xml', 'image/png', 'nonsense'])(
    'Accept: %s',
    async (accept) => {
      const headers: Record<string, string> = accept === undefined ? {} : { Accept: accept };
      const answer = await fetch(`${house.url}/fhir/.well-known/smart-configuration`, { headers });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        200,
        expect.stringMatching(/^application\/json/),
      ]);
      expect(await answer.json()).toEqual(said);
    },
  );

  test('whoever has a token that is no longer good', async () => {
    const headers = { Authorization: 'Bearer stale' };
    const answer = await fetch(`${house.url}/fhir/.well-known/smart-configuration`, { headers });
    expect(answer.status).toBe(200);
  });
});

/** Every address of ours that a document names, however deep. */
function addressesIn(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith(`${house.url}/`) ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(addressesIn) : [];
}

test('SC-011: every address that a discovery document publishes answers something', async () => {
  const documents = [
    said,
    await json('/.well-known/openid-configuration'),
    statement.rest[0].security,
    statement.implementation,
    await json('/brands/bundle.json'),
  ];
  const addresses = [...new Set(documents.flatMap(addressesIn))].filter((url) => !/\/brands\/(Org|End)/.test(url));
  expect(addresses.length).toBeGreaterThan(8);
  for (const address of addresses) {
    const answer = await fetch(address, { redirect: 'manual' });
    await answer.arrayBuffer();
    expect([address, answer.status === 404 || answer.status >= 500]).toEqual([address, false]);
  }
});

test('SC-012: the capability statement says SMART-on-FHIR and repeats the addresses of discovery', () => {
  const [{ security }] = statement.rest;
  expect(security.service[0].coding[0]).toMatchObject({ code: 'SMART-on-FHIR' });
  const [{ url, extension }] = security.extension;
  expect(url).toBe('http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris');
  expect(Object.fromEntries(extension.map((one: any) => [one.url, one.valueUri]))).toEqual({
    authorize: said.authorization_endpoint,
    token: said.token_endpoint,
    introspect: said.introspection_endpoint,
    revoke: said.revocation_endpoint,
    manage: said.management_endpoint,
  });
});

test('SC-162: the capability statement is the same for whoever asks, and whatever is stored', async () => {
  const before = { ...statement, date: undefined };
  await house.fhir('PUT', '/Patient/one', { resourceType: 'Patient', id: 'one' });
  const { json: withToken } = await house.fhir('GET', '/metadata');
  expect({ ...withToken, date: undefined }).toEqual(before);
});
