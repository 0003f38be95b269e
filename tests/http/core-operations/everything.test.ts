import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Answer, TestHttp } from '../../support/http.ts';
import { startCore } from './core.ts';

let http: TestHttp;
const of = (child: string) => ({ reference: `Patient/${child}` });
const put = async (resource: { resourceType: string; id: string; [element: string]: unknown }) => {
  const answer = await http.send('PUT', `/fhir/${resource.resourceType}/${resource.id}`, { body: resource });
  expect([200, 201]).toContain(answer.status);
  return answer;
};
const goal = (id: string, child: string, more: object = {}) => ({
  resourceType: 'Goal',
  id,
  lifecycleStatus: 'active',
  description: { text: id },
  subject: of(child),
  ...more,
});
const get = (path: string, as = 'all') => http.send('GET', `/fhir/Patient/${path}`, { as });
const ids = (answer: Answer): string[] =>
  (answer.json.entry ?? []).map(({ resource }: any) => `${resource.resourceType}/${resource.id}`);

beforeAll(async () => {
  http = await startCore();
  await put({ resourceType: 'Organization', id: 'clinic', name: 'Clinic' });
  await put({ resourceType: 'Organization', id: 'elsewhere', name: 'Elsewhere' });
  await put({ resourceType: 'Practitioner', id: 'doctor' });
  await put({ resourceType: 'Patient', id: 'child-a', managingOrganization: { reference: 'Organization/clinic' } });
  await put({ resourceType: 'Patient', id: 'child-b', name: [{ family: 'Secretname' }] });
  await put(goal('a-1', 'child-a', { expressedBy: { reference: 'Practitioner/doctor' } }));
  await put(goal('b-1', 'child-b'));
  await put(goal('a-2', 'child-a', { expressedBy: { reference: 'Practitioner/doctor' } }));
  await put(goal('a-3', 'child-a', { addresses: [{ reference: 'Condition/none' }] }));
  await put(goal('gone', 'child-a'));
  await http.send('DELETE', '/fhir/Goal/gone');
});
afterAll(() => http.close());

describe('refusals', () => {
  test.each([
    ['child-a/$everything?start=2020-01-01', 400],
    ['child-a/$everything?_since=yesterday', 400],
    ['child-a/$everything?_type=Nonsense', 400],
    ['child-a/$everything?_count=0', 400],
    ['child-a/$everything?_snice=2020', 400],
    ['child-a/$everything?_page=AAAA', 400],
    ['none/$everything', 404],
    ['$everything?_type=Nonsense', 400],
    ['$everything?_page=AAAA', 400],
  ])('%s is %i', async (path, status) => {
    expect((await get(path)).status).toBe(status);
  });
  test('without the scope, and of another child', async () => {
    expect((await get('child-a/$everything', 'goals')).status).toBe(403);
    expect((await get('child-a/$everything', 'nobody')).status).toBe(401);
    const hidden = await get('child-b/$everything', 'child-a');
    expect([hidden.status, hidden.text]).toEqual([404, (await get('none/$everything', 'child-a')).text]);
  });
  test('a page link opens for its caller and its patient only', async () => {
    const page = await get('child-a/$everything?_count=1');
    const next = page.json.link[1].url.split('?')[1];
    expect((await get(`child-b/$everything?${next}`)).status).toBe(400);
    expect((await get(`child-a/$everything?${next}`, 'child-a')).status).toBe(400);
  });
});

describe('everything of a child', () => {
  test('is the child, its records, and what they lean on, each once; nothing of another child', async () => {
    for (const as of ['all', 'child-a']) {
      const answer = await get('child-a/$everything', as);
      expect([answer.status, answer.json.type]).toEqual([200, 'searchset']);
      expect(ids(answer)).toEqual([
        'Patient/child-a',
        'Goal/a-1',
        'Goal/a-2',
        'Goal/a-3',
        'Organization/clinic',
        'Practitioner/doctor',
      ]);
      expect(answer.json.entry.map(({ search }: any) => search.mode)).toEqual([
        'match',
        'match',
        'match',
        'match',
        'include',
        'include',
      ]);
      expect(answer.text).not.toContain('Secretname');
    }
  });
  test('within the scopes', async () => {
    expect(ids(await get('child-a/$everything', 'reader'))).toEqual(['Patient/child-a']);
  });
  test('_type and _since', async () => {
    expect(ids(await get('child-a/$everything?_type=Goal,Practitioner'))).toEqual([
      'Goal/a-1',
      'Goal/a-2',
      'Goal/a-3',
      'Practitioner/doctor',
    ]);
    const changed = await put(goal('a-1', 'child-a', { note: [{ text: 'later' }] }));
    const since = changed.json.meta.lastUpdated;
    expect(ids(await get(`child-a/$everything?_since=${since}`))).toEqual(['Goal/a-1']);
    expect((await get('child-a/$everything?_since=2999-01-01')).json.entry).toBeUndefined();
  });
  test('a walk shows each record once, whatever is changed meanwhile', async () => {
    const walked: string[] = [];
    let path: string | undefined = 'child-a/$everything?_count=1&_type=Patient,Goal';
    for (let page = 0; path !== undefined; page++) {
      const answer: Answer = await get(path);
      expect(ids(answer).length).toBeLessThanOrEqual(1);
      walked.push(...ids(answer));
      await put(goal('a-1', 'child-a', { note: [{ text: String(page) }] }));
      path = answer.json.link.find((one: { relation: string }) => one.relation === 'next')?.url.split('/Patient/')[1];
    }
    expect(walked).toEqual(['Patient/child-a', 'Goal/a-1', 'Goal/a-2', 'Goal/a-3']);
  });
  test('by POST with Parameters', async () => {
    const body = { resourceType: 'Parameters', parameter: [{ name: '_type', valueCode: 'Patient' }] };
    const answer = await http.send('POST', '/fhir/Patient/child-a/$everything', { body });
    expect(ids(answer)).toEqual(['Patient/child-a']);
  });
});

describe('everything of everybody', () => {
  const walk = async (as: string) => {
    const walked: string[] = [];
    let path: string | undefined = '$everything?_count=2&_type=Patient,Goal,Organization';
    while (path !== undefined) {
      const answer: Answer = await get(path, as);
      expect(answer.status).toBe(200);
      walked.push(
        ...answer.json.entry
          .filter(({ search }: any) => search.mode === 'match')
          .map(({ resource }: any) => resource.id),
      );
      path = answer.json.link.find((one: { relation: string }) => one.relation === 'next')?.url.split('/Patient/')[1];
    }
    return walked;
  };
  test('is each child and each record once, over pages, within what the caller may see', async () => {
    await put({ resourceType: 'Patient', id: 'left' });
    await put(goal('of-left', 'left'));
    await http.send('DELETE', '/fhir/Patient/left');
    expect(await walk('all')).toEqual(['child-a', 'child-b', 'a-1', 'b-1', 'a-2', 'a-3']);
    expect(await walk('child-a')).toEqual(['child-a', 'a-1', 'a-2', 'a-3']);
    expect(await walk('reader')).toEqual(['child-a', 'child-b']);
    expect((await get('$everything', 'goals')).status).toBe(403);
  });
  test('its page link opens for its caller and its address only', async () => {
    const next = (await get('$everything?_count=1')).json.link[1].url.split('?')[1];
    expect((await get(`$everything?${next}`, 'child-a')).status).toBe(400);
    expect((await get(`child-a/$everything?${next}`)).status).toBe(400);
    expect((await get(`$everything?${next}`)).status).toBe(200);
  });
});
