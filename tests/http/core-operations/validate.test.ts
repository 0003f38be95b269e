import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Answer, TestHttp } from '../../support/http.ts';
import { startCore } from './core.ts';

let http: TestHttp;
beforeAll(async () => {
  http = await startCore();
  for (const id of ['child-a', 'child-b'])
    await http.send('PUT', `/fhir/Patient/${id}`, { body: { resourceType: 'Patient', id } });
});
afterAll(() => http.close());

const parameters = (resource: object | undefined, more: Record<string, string> = {}) => ({
  resourceType: 'Parameters',
  parameter: [
    ...(resource ? [{ name: 'resource', resource }] : []),
    ...Object.entries(more).map(([name, text]) => ({ name, [name === 'mode' ? 'valueCode' : 'valueUri']: text })),
  ],
});
const call = (path: string, body?: unknown, as = 'all') => http.send('POST', `/fhir/${path}/$validate`, { body, as });
const severities = (answer: Answer): string[] => answer.json.issue.map((issue: { severity: string }) => issue.severity);

describe('called wrongly', () => {
  test.each<[string, string, unknown, number]>([
    ['without a resource', 'Patient', parameters(undefined), 400],
    ['with an unknown mode', 'Patient', parameters({ resourceType: 'Patient' }, { mode: 'wish' }), 400],
    ['mode delete without an id', 'Patient', parameters(undefined, { mode: 'delete' }), 400],
    ['on a type that is none', 'Nonsense', parameters({ resourceType: 'Patient' }), 404],
    ['on an instance that is not there', 'Patient/none', undefined, 404],
  ])('%s', async (_name, path, body, status) => {
    expect((await call(path, body)).status).toBe(status);
  });
  test('without a token, and on what the token does not show', async () => {
    expect((await call('Patient', parameters({ resourceType: 'Patient' }), 'nobody')).status).toBe(401);
    expect((await call('Goal/none', undefined, 'reader')).status).toBe(403);
    const remove = parameters(undefined, { mode: 'delete' });
    expect((await call('Patient/child-a', remove, 'reader')).status).toBe(403);
    const hidden = await call('Patient/child-b', undefined, 'child-a');
    expect([hidden.status, hidden.text]).toEqual([404, (await call('Patient/none', undefined, 'child-a')).text]);
  });
});

describe('what is not valid is the answer, with 200', () => {
  test.each<[string, string, unknown]>([
    ['a missing element', 'Goal', parameters({ resourceType: 'Goal' })],
    ['a bare resource', 'Goal', { resourceType: 'Goal' }],
    ['an unknown element', 'Patient', parameters({ resourceType: 'Patient', nonsense: 1 }, { mode: 'create' })],
    ['another type', 'Patient', parameters({ resourceType: 'Goal' })],
    ['an update without an id', 'Patient', parameters({ resourceType: 'Patient' }, { mode: 'update' })],
    ['another id', 'Patient/child-a', parameters({ resourceType: 'Patient', id: 'x' }, { mode: 'update' })],
  ])('%s', async (_name, path, body) => {
    const answer = await call(path, body);
    expect([answer.status, answer.json.resourceType]).toEqual([200, 'OperationOutcome']);
    expect(severities(answer)).toContain('error');
  });
  test('nothing is written', async () => {
    const count = async () => (await http.send('GET', '/fhir/Patient?_summary=count')).json.total;
    const before = await count();
    await call('Patient', parameters({ resourceType: 'Patient' }, { mode: 'create' }));
    expect(await count()).toBe(before);
  });
});

describe('what is valid', () => {
  test.each<[string, string, unknown]>([
    ['a resource', 'Patient', parameters({ resourceType: 'Patient' })],
    [
      'an update of an instance',
      'Patient/child-a',
      parameters({ resourceType: 'Patient', id: 'child-a' }, { mode: 'update' }),
    ],
    ['the instance as it is stored', 'Patient/child-a', undefined],
    ['a delete', 'Patient/child-a', parameters(undefined, { mode: 'delete' })],
  ])('%s', async (_name, path, body) => {
    const answer = await call(path, body);
    expect([answer.status, severities(answer)]).toEqual([200, ['information']]);
  });
  test('a profile that is not known is said, not passed over', async () => {
    const answer = await call(
      'Patient',
      parameters({ resourceType: 'Patient' }, { profile: 'http://nowhere.example/p' }),
    );
    expect(answer.status).toBe(200);
    expect(severities(answer)).not.toEqual(['information']);
  });
  test('GET of an instance as well', async () => {
    expect((await http.send('GET', '/fhir/Patient/child-a/$validate')).status).toBe(200);
  });
});
