import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHttp, type TestHttp } from '../support/http.ts';

let http: TestHttp;
beforeAll(async () => {
  http = await startHttp();
  for (const id of ['child-a', 'child-b']) {
    await http.send('PUT', `/fhir/Patient/${id}`, { body: { resourceType: 'Patient', id, name: [{ family: id }] } });
    const goal = {
      resourceType: 'Goal',
      id: `goal-${id}`,
      lifecycleStatus: 'active',
      description: { text: 'x' },
      subject: { reference: `Patient/${id}` },
    };
    await http.send('PUT', `/fhir/Goal/goal-${id}`, { body: goal });
  }
});
afterAll(() => http.close());

describe('without a token', () => {
  test.each([
    ['GET', '/fhir/Patient/child-a'],
    ['GET', '/fhir/Patient?name=x'],
    ['POST', '/fhir/Patient/_search'],
    ['GET', '/fhir/Patient/child-a/_history'],
    ['GET', '/fhir/Nonsense/1'],
    ['POST', '/fhir'],
    ['GET', '/fhir/$anything'],
    ['DELETE', '/fhir/Patient/child-a'],
  ])('%s %s is 401 with an OperationOutcome', async (method, path) => {
    const answer = await http.send(method, path, { as: 'nobody' });
    expect(answer.status).toBe(401);
    expect(answer.json.resourceType).toBe('OperationOutcome');
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    expect(answer.text).not.toContain('child-a');
  });
});

describe('scopes', () => {
  test('a type outside of the scopes is 403, whether data exist or not (SC-153)', async () => {
    expect((await http.send('GET', '/fhir/Goal/goal-child-a', { as: 'reader' })).status).toBe(403);
    expect((await http.send('GET', '/fhir/Goal/none', { as: 'reader' })).status).toBe(403);
    expect((await http.send('GET', '/fhir/Goal?patient=child-a', { as: 'reader' })).status).toBe(403);
  });
  test.each([
    ['reader', 'GET', '/fhir/Goal', 'system/Goal.s'],
    ['reader', 'GET', '/fhir/Goal/x', 'system/Goal.r'],
    ['reader', 'GET', '/fhir/Goal/x/_history/1', 'system/Goal.r'],
    ['reader', 'DELETE', '/fhir/Patient/x', 'system/Patient.d'],
    ['reader', 'POST', '/fhir/Patient', 'system/Patient.c'],
    ['reader', 'PUT', '/fhir/Patient/x', 'system/Patient.u'],
  ])('SC-161: %s %s %s is 403, and the challenge names %s', async (as, method, path, scope) => {
    const body = method.startsWith('P') ? { resourceType: 'Patient', id: 'x' } : undefined;
    const answer = await http.send(method, path, { as, body });
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
      403,
      `Bearer error="insufficient_scope", scope="${scope}"`,
    ]);
    expect(answer.json).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'forbidden' }] });
  });

  test('SC-161: no good token is 401, the challenge says so, and the OperationOutcome too', async () => {
    for (const as of ['nobody', 'somebody']) {
      const answer = await http.send('GET', '/fhir/Goal', { as });
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"']);
      expect(answer.json).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'login' }] });
    }
  });

  test('a reader cannot write', async () => {
    const body = { resourceType: 'Patient', id: 'child-a', name: [{ family: 'changed' }] };
    expect((await http.send('PUT', '/fhir/Patient/child-a', { as: 'reader', body })).status).toBe(403);
    expect((await http.send('POST', '/fhir/Patient', { as: 'reader', body: { resourceType: 'Patient' } })).status).toBe(
      403,
    );
    expect((await http.send('DELETE', '/fhir/Patient/child-a', { as: 'reader' })).status).toBe(403);
  });
  test('_include does not bring in a type outside of the scopes', async () => {
    const answer = await http.send('GET', '/fhir/Goal?_include=Goal:patient', { as: 'goals' });
    expect(answer.status).toBe(200);
    const types = answer.json.entry.map((entry: { resource: { resourceType: string } }) => entry.resource.resourceType);
    expect(new Set(types)).toEqual(new Set(['Goal']));
  });
});

describe('a token for one child', () => {
  const as = 'child-a';
  test('another child is answered exactly like one that never was', async () => {
    const hidden = await http.send('GET', '/fhir/Patient/child-b', { as });
    const absent = await http.send('GET', '/fhir/Patient/never-was', { as });
    expect(hidden.status).toBe(404);
    expect(hidden.text).toBe(absent.text);
    expect((await http.send('GET', '/fhir/Goal/goal-child-b', { as })).status).toBe(404);
    expect((await http.send('GET', '/fhir/Goal/goal-child-b/_history', { as })).status).toBe(404);
    expect((await http.send('GET', '/fhir/Goal/goal-child-b/_history/1', { as })).status).toBe(404);
  });
  test('search, counts and includes show that child only', async () => {
    const answer = await http.send('GET', '/fhir/Goal?_total=accurate&_include=Goal:patient', { as });
    expect(answer.json.total).toBe(1);
    const ids = answer.json.entry.map((entry: { resource: { id: string } }) => entry.resource.id);
    expect(ids.sort()).toEqual(['child-a', 'goal-child-a']);
    const patients = await http.send('GET', '/fhir/Patient?_revinclude=Goal:patient', { as });
    expect(patients.text).not.toContain('child-b');
  });
  test('another child cannot be written, deleted or written into', async () => {
    const body = {
      resourceType: 'Goal',
      id: 'goal-child-b',
      lifecycleStatus: 'active',
      description: { text: 'mine' },
      subject: { reference: 'Patient/child-a' },
    };
    expect((await http.send('PUT', '/fhir/Goal/goal-child-b', { as, body })).status).toBe(404);
    expect((await http.send('DELETE', '/fhir/Goal/goal-child-b', { as })).status).toBe(404);
    const stray = {
      resourceType: 'Goal',
      lifecycleStatus: 'active',
      description: { text: 'x' },
      subject: { reference: 'Patient/child-b' },
    };
    expect((await http.send('POST', '/fhir/Goal', { as, body: stray })).status).toBe(403);
    const moved = { ...stray, id: 'goal-child-a' };
    expect((await http.send('PUT', '/fhir/Goal/goal-child-a', { as, body: moved })).status).toBe(403);
    const after = await http.send('GET', '/fhir/Goal/goal-child-a');
    expect(after.json.subject.reference).toBe('Patient/child-a');
  });
  test('a version that was written under another child is not in the history', async () => {
    const of = (child: string) => ({
      resourceType: 'Goal',
      id: 'moved',
      lifecycleStatus: 'active',
      description: { text: `about ${child}` },
      subject: { reference: `Patient/${child}` },
    });
    await http.send('PUT', '/fhir/Goal/moved', { body: of('child-b') });
    await http.send('PUT', '/fhir/Goal/moved', { body: of('child-a') });
    const history = await http.send('GET', '/fhir/Goal/moved/_history', { as });
    expect(history.status).toBe(200);
    expect(history.json.entry).toHaveLength(1);
    expect(history.json.total).toBeUndefined();
    expect(history.text).not.toContain('child-b');
    expect((await http.send('GET', '/fhir/Goal/moved/_history/1', { as })).status).toBe(404);
  });
});
