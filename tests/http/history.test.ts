import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Answer, startHttp, type TestHttp } from '../support/http.ts';

let http: TestHttp;
const of = (child: string) => ({ reference: `Patient/${child}` });
const goal = (id: string, child: string, text: string) => ({
  resourceType: 'Goal',
  id,
  lifecycleStatus: 'active',
  description: { text },
  subject: of(child),
});
const put = (resource: { resourceType: string; id: string }) =>
  http.send('PUT', `/fhir/${resource.resourceType}/${resource.id}`, { body: resource });
const versions = (answer: Answer): string[] =>
  (answer.json.entry ?? []).map(
    (entry: any) => `${entry.fullUrl.split('/').slice(-2).join('/')} ${entry.response.etag} ${entry.request.method}`,
  );
const get = (path: string, as = 'all') => http.send('GET', `/fhir/${path}`, { as });

beforeAll(async () => {
  http = await startHttp();
  for (const id of ['child-a', 'child-b']) await put({ resourceType: 'Patient', id });
  await put({ resourceType: 'Organization', id: 'clinic', name: 'Clinic' } as { resourceType: string; id: string });
  await put(goal('g-a', 'child-a', 'one'));
  await put(goal('g-b', 'child-b', 'Secretname'));
  await put(goal('g-a', 'child-a', 'two'));
  await put(goal('moved', 'child-b', 'Secretname'));
  await put(goal('moved', 'child-a', 'three'));
  await put(goal('left', 'child-a', 'four'));
  await put(goal('left', 'child-b', 'Secretname'));
  await http.send('DELETE', '/fhir/Goal/g-b');
  await http.send('DELETE', '/fhir/Goal/g-a');
});
afterAll(() => http.close());

describe('refusals', () => {
  test.each([
    'Goal/_history?_count=x',
    'Goal/_history?_since=yesterday',
    'Goal/_history?_at=2020-13-45',
    'Goal/_history?_since=2020-01-01&_since=2021-01-01',
    'Goal/_history?nonsense=1',
    'Goal/_history?_cursor=9999-01-01T00:00:00.000Z%200',
    'Goal/_history?_page=AAAA',
    'Goal/g-a/_history?_since=nonsense',
    '_history?_sort=x',
  ])('%s is 400', async (path) => {
    const answer = await get(path);
    expect([answer.status, answer.json.resourceType]).toEqual([400, 'OperationOutcome']);
  });
  test('a type outside of the scopes is 403; no token is 401', async () => {
    expect((await get('Goal/_history', 'reader')).status).toBe(403);
    expect((await get('_history', 'nobody')).status).toBe(401);
    expect((await get('Nonsense/_history')).status).toBe(404);
    expect((await http.send('POST', '/fhir/Goal/_history', { body: {} })).status).toBe(405);
  });
  test('a page link opens for its caller and its address only', async () => {
    const page = await get('Goal/_history?_count=1');
    const next = page.json.link.find((one: { relation: string }) => one.relation === 'next').url.split('?')[1];
    expect((await get(`Goal/_history?${next}`)).status).toBe(200);
    for (const path of [`Patient/_history?${next}`, `_history?${next}`, `Goal?${next}`])
      expect((await get(path)).status).toBe(400);
    expect((await get(`Goal/_history?${next}`, 'goals')).status).toBe(400);
  });
});

describe('the history of a type', () => {
  test('has every version, newest first, deletions included', async () => {
    const answer = await get('Goal/_history');
    expect([answer.status, answer.json.type, answer.json.total]).toEqual([200, 'history', undefined]);
    expect(versions(answer)).toEqual([
      'Goal/g-a W/"3" DELETE',
      'Goal/g-b W/"2" DELETE',
      'Goal/left W/"2" PUT',
      'Goal/left W/"1" PUT',
      'Goal/moved W/"2" PUT',
      'Goal/moved W/"1" PUT',
      'Goal/g-a W/"2" PUT',
      'Goal/g-b W/"1" PUT',
      'Goal/g-a W/"1" PUT',
    ]);
    expect(answer.json.entry[0].resource).toBeUndefined();
    expect(answer.json.entry[8].resource.description.text).toBe('one');
  });
  test('a walk shows each version once, whatever is written meanwhile', async () => {
    const whole = versions(await get('Goal/_history'));
    const walked: string[] = [];
    let path: string | undefined = 'Goal/_history?_count=2';
    for (let page = 0; path !== undefined; page++) {
      const answer: Answer = await get(path);
      walked.push(...versions(answer));
      expect(versions(answer).length).toBeLessThanOrEqual(2);
      await put(goal('new', 'child-b', String(page)));
      path = answer.json.link.find((one: { relation: string }) => one.relation === 'next')?.url.split('/fhir/')[1];
    }
    expect(walked).toEqual(whole);
  });
});

describe('_since and _at', () => {
  test('show what came after an instant, and what was current at one', async () => {
    const second = (await get('Goal/g-a/_history/2')).json.meta.lastUpdated;
    const since = versions(await get(`Goal/_history?_since=${second}`));
    expect(since).toContain('Goal/g-a W/"2" PUT');
    expect(since).not.toContain('Goal/g-a W/"1" PUT');
    const at = versions(await get(`Goal/_history?_at=${second}`)).filter((line) => line.includes('/g-a'));
    expect(at).toContain('Goal/g-a W/"2" PUT');
    expect(at).not.toContain('Goal/g-a W/"3" DELETE');
    expect(versions(await get('Goal/_history?_since=2999-01-01'))).toEqual([]);
    expect(versions(await get('Goal/_history?_at=2000'))).toEqual([]);
    expect(versions(await get(`Goal/g-a/_history?_since=${second}`))).toEqual([
      'Goal/g-a W/"3" DELETE',
      'Goal/g-a W/"2" PUT',
    ]);
    const own = await get(`Goal/g-a/_history?_at=${second}`);
    expect(versions(own)).toContain('Goal/g-a W/"2" PUT');
    expect(versions(own)).not.toContain('Goal/g-a W/"3" DELETE');
    expect(own.json.total).toBeUndefined();
    const none = await get('Goal/g-a/_history?_since=2999-01-01');
    expect([none.status, none.json.entry]).toEqual([200, undefined]);
  });
});

describe('the history of the system', () => {
  test('merges the types in the order of time, within the scopes', async () => {
    const all = versions(await get('_history?_count=1000'));
    expect(all.slice(-3)).toEqual([
      'Organization/clinic W/"1" PUT',
      'Patient/child-b W/"1" PUT',
      'Patient/child-a W/"1" PUT',
    ]);
    expect(versions(await get('_history', 'reader'))).toEqual([
      'Patient/child-b W/"1" PUT',
      'Patient/child-a W/"1" PUT',
    ]);
  });
});

describe('a token for one child', () => {
  const as = 'child-a';
  test('sees versions that are about that child, of records that still are', async () => {
    const answer = await get('Goal/_history', as);
    expect(versions(answer)).toEqual([
      'Goal/g-a W/"3" DELETE',
      'Goal/moved W/"2" PUT',
      'Goal/g-a W/"2" PUT',
      'Goal/g-a W/"1" PUT',
    ]);
    expect(answer.text).not.toContain('Secretname');
    expect(answer.json.total).toBeUndefined();
  });
  test('and pages are full, so that a gap tells of nothing', async () => {
    const first = await get('Goal/_history?_count=2', as);
    const next = first.json.link.find((one: { relation: string }) => one.relation === 'next').url.split('/fhir/')[1];
    const second = await get(next, as);
    expect([versions(first).length, versions(second).length]).toEqual([2, 2]);
    expect(second.json.link.map((one: { relation: string }) => one.relation)).toEqual(['self']);
  });
  test('in the history of the system too, with what is about nobody', async () => {
    const answer = await get('_history?_count=1000', as);
    expect(answer.text).not.toContain('Secretname');
    expect(answer.text).not.toContain('child-b');
    expect(versions(answer)).toContain('Organization/clinic W/"1" PUT');
    expect(versions(answer)).toContain('Patient/child-a W/"1" PUT');
  });
});
