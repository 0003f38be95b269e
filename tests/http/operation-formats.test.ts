import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ok } from '../../src/base/errors.ts';
import type { Operation } from '../../src/module.ts';
import { startHttp, type TestHttp } from '../support/http.ts';

/** An operation that can also answer with a page: what is asked for by `_format` or Accept, and what by nobody. */
const page: Operation = {
  name: 'page',
  definition: 'http://example.org/page',
  level: 'system',
  affectsState: false,
  parameters: [],
  formats: ['text/html'],
  requires: [],
  handle: async ({ format }) =>
    ok(
      format === 'text/html'
        ? { resourceType: 'Binary', contentType: format, data: Buffer.from('<p>Ñ</p>').toString('base64') }
        : { resourceType: 'Parameters' },
    ),
};
const plain: Operation = { ...page, name: 'plain', formats: undefined };
let http: TestHttp;

beforeAll(async () => {
  http = await startHttp({ operations: [page, plain] });
});
afterAll(() => http.close());

describe('an operation with a format of its own', () => {
  test('refuses a format that it does not have, and one of another operation', async () => {
    expect((await http.send('GET', '/fhir/$page?_format=application/pdf')).status).toBe(406);
    expect((await http.send('GET', '/fhir/$plain?_format=text/html')).status).toBe(406);
    expect((await http.send('GET', '/fhir/metadata?_format=text/html')).status).toBe(406);
    expect((await http.send('GET', '/fhir/$page?_format=text/html', { as: 'nobody' })).status).toBe(401);
  });

  test('sends the bytes of its Binary, under a name that says nothing of anybody', async () => {
    const answer = await http.send('GET', '/fhir/$page?_format=text/html');
    expect([answer.status, answer.text]).toEqual([200, '<p>Ñ</p>']);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toBe('inline; filename="page.html"');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect((await http.send('HEAD', '/fhir/$page?_format=text/html')).text).toBe('');
  });

  test('an Accept of that type alone asks for it too; a browser’s list gets JSON', async () => {
    const alone = await http.send('GET', '/fhir/$page', { headers: { Accept: 'text/html' } });
    expect(alone.text).toBe('<p>Ñ</p>');
    const browser = await http.send('GET', '/fhir/$page', {
      headers: { Accept: 'application/xml,text/html,*/*;q=0.8' },
    });
    expect(browser.json).toEqual({ resourceType: 'Parameters' });
    expect((await http.send('GET', '/fhir/$page')).json).toEqual({ resourceType: 'Parameters' });
  });
});
