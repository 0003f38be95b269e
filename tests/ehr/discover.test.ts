import { expect, test } from '@jest/globals';
import type { GuardedFetch } from '../../src/base/guarded-fetch.ts';
import { discover } from '../../src/ehr/sites/discover.ts';
import { siteByIssuer } from '../../src/ehr/sites/registry.ts';

/** A hospital on the internet, which no test can start: its answers without the network. */
function answering(tokenEndpoint: unknown): GuardedFetch {
  const fetch = async (url: string) => {
    const statement = { resourceType: 'CapabilityStatement', fhirVersion: '4.0.1' };
    const body = JSON.stringify(url.endsWith('/metadata') ? statement : { token_endpoint: tokenEndpoint });
    return { ok: true as const, value: { status: 200, url, header: () => undefined, body } };
  };
  return Object.assign(fetch, { close: async () => undefined });
}

const site = 'https://ehr.example.org/fhir';

test.each([
  'http://127.0.0.1:8080/auth/token',
  'http://ehr.example.org/token',
  'file:///etc/passwd',
  'javascript:alert(1)',
  '/token',
  7,
  undefined,
])('the token endpoint %s of a hospital on the internet is refused', async (endpoint) => {
  expect((await discover(site, answering(endpoint))).ok).toBe(false);
});

test('https anywhere is fine, and http only where the hospital itself is plain, on this machine', async () => {
  const secure = 'https://login.example.org/token';
  expect(await discover(site, answering(secure))).toMatchObject({ ok: true, value: { tokenUrl: secure } });
  const plain = 'http://127.0.0.1:8090/token';
  expect((await discover('http://127.0.0.1:8090/fhir', answering(plain))).ok).toBe(true);
});

test('an issuer that anybody may send is looked for in no time, however many slashes it has', async () => {
  const sql = { query: () => Promise.reject(new Error('not asked')) };
  expect(await siteByIssuer(sql, `https://ehr.example.org${'/'.repeat(15_000)}x`)).toBeUndefined();
});
