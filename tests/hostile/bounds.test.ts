import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { limits } from '../../src/base/limits.ts';
import { startHttp, type TestHttp } from '../support/http.ts';

let http: TestHttp;
const script = '<script>alert(1)</script>';
beforeAll(async () => {
  http = await startHttp();
  for (const id of ['child-a', 'child-b'])
    await http.send('PUT', `/fhir/Patient/${id}`, { body: { resourceType: 'Patient', id } });
  const data = Buffer.from(`<html>${script}</html>`).toString('base64');
  const binary = { resourceType: 'Binary', id: 'page', contentType: 'text/html', data };
  await http.send('PUT', '/fhir/Binary/page', { body: binary });
});
afterAll(() => http.close());

describe('TH-43: bounds', () => {
  test.each(['batch', 'transaction'])(
    'a %s of more entries than may be is refused before any is done',
    async (type) => {
      const first = {
        resource: { resourceType: 'Patient', id: 'first' },
        request: { method: 'PUT', url: 'Patient/first' },
      };
      const others = Array.from({ length: limits.bundle.maxEntries }, () => ({
        request: { method: 'GET', url: 'Patient/x' },
      }));
      const body = { resourceType: 'Bundle', type, entry: [first, ...others] };
      const answer = await http.send('POST', '/fhir', { body });
      expect([answer.status, answer.json.issue[0].code]).toEqual([413, 'too-costly']);
      expect((await http.send('GET', '/fhir/Patient/first')).status).toBe(404);
    },
  );

  test('a page has no more than a page may have', async () => {
    const entry = Array.from({ length: limits.search.maxCount + 1 }, () => ({
      resource: { resourceType: 'Basic', code: { text: 'x' } },
      request: { method: 'POST', url: 'Basic' },
    }));
    const body = { resourceType: 'Bundle', type: 'transaction', entry };
    expect((await http.send('POST', '/fhir', { body })).status).toBe(200);
    const { json } = await http.send('GET', '/fhir/Basic?_count=1000000');
    expect(json.entry).toHaveLength(limits.search.maxCount);
    expect(json.link.map(({ relation }: { relation: string }) => relation)).toContain('next');
  });

  test('what a search brings along is bounded too: more of it is refused and not cut off unsaid', async () => {
    const about = (at: number) => ({
      resource: { resourceType: 'Basic', code: { text: String(at) }, subject: { reference: 'Patient/child-b' } },
      request: { method: 'POST', url: 'Basic' },
    });
    const ask = () => http.send('GET', '/fhir/Patient?_id=child-b&_revinclude=Basic:patient');
    const write = async (count: number) => {
      const entry = Array.from({ length: count }, (_, at) => about(at));
      const body = { resourceType: 'Bundle', type: 'transaction', entry };
      expect((await http.send('POST', '/fhir', { body })).status).toBe(200);
    };
    const { maxIncluded } = limits.search;
    for (let left = maxIncluded; left > 0; left -= limits.bundle.maxEntries)
      await write(Math.min(left, limits.bundle.maxEntries));
    expect((await ask()).json.entry).toHaveLength(maxIncluded + 1);
    await write(1);
    const refused = await ask();
    expect([refused.status, refused.json.issue[0].code]).toEqual([413, 'too-costly']);
  });
});

describe('TH-45: what could carry a script', () => {
  test.each(['text/html', 'application/fhir+json', '*/*'])(
    'a page in a Binary is never sent as one: Accept %s',
    async (accept) => {
      const answer = await http.send('GET', '/fhir/Binary/page', { headers: { Accept: accept } });
      expect(answer.headers.get('content-type')).toMatch(/^application\/fhir\+json/);
      expect(answer.text).not.toContain(script);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('content-security-policy')).toMatch(
        /default-src 'self'.*script-src 'self'|default-src 'self'/,
      );
      expect(answer.headers.get('content-security-policy')).not.toMatch(/script-src[^;]*unsafe/);
    },
  );

  test('a narrative with one is not stored', async () => {
    const div = `<div xmlns="http://www.w3.org/1999/xhtml">${script}</div>`;
    const body = { resourceType: 'Patient', id: 'evil', text: { status: 'generated', div } };
    const answer = await http.send('PUT', '/fhir/Patient/evil', { body });
    expect([answer.status, answer.text.includes('alert')]).toEqual([422, false]);
    expect((await http.send('GET', '/fhir/Patient/evil')).status).toBe(404);
  });
});

describe('TH-47: somebody else’s file', () => {
  test('is answered like one that is not there, whoever guesses its address, and there is no list of them', async () => {
    const ask = async (path: string, method = 'GET') => {
      const { status, text, headers } = await http.send(method, `/fhir/${path}`, { as: 'child-a' });
      return { status, text, cache: headers.get('cache-control') };
    };
    for (const method of ['GET', 'HEAD']) {
      const there = await ask('Binary/page', method);
      expect(there).toEqual({ ...(await ask('Binary/none', method)), status: 404, cache: 'no-store' });
    }
    const listed = await http.send('GET', '/fhir/Binary', { as: 'child-a' });
    expect(listed.json.entry ?? []).toEqual([]);
    expect((await ask('Binary/page/_history/1')).status).toBe(404);
  });
});
