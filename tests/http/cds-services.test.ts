import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fail, ok } from '../../src/base/errors.ts';
import { startHttp, type TestHttp } from '../support/http.ts';

let http: TestHttp;
const card = { uuid: 'u', summary: 'Shared plan', indicator: 'info' as const, source: { label: 'Careweave' } };
beforeAll(async () => {
  http = await startHttp({
    hooks: [
      {
        id: 'plan',
        hook: 'patient-view',
        title: 'Plan',
        description: 'The plan',
        cards: async ({ patientId }) => ok([{ ...card, detail: patientId }]),
      },
    ],
    cdsClients: {
      verify: async (header) =>
        header === 'Bearer ehr'
          ? ok({ siteId: 'lakeside' })
          : fail('unauthorized', 'This CDS client could not be verified.'),
      patientFor: async (site, id) => (site === 'lakeside' && id === 'theirs' ? 'ours' : undefined),
    },
  });
});
afterAll(() => http.close());

const call = (body: unknown, token = 'ehr', id = 'plan') =>
  http.send('POST', `/cds-services/${id}`, {
    body,
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
  });
const request = (change: object = {}) => ({
  hook: 'patient-view',
  hookInstance: 'x',
  context: { patientId: 'theirs', userId: 'Practitioner/1' },
  ...change,
});

describe('refuses', () => {
  test('a caller that could not be verified, before anything else', async () => {
    expect((await call(request(), 'nobody')).status).toBe(401);
    expect((await call('not even a request', 'nobody', 'unknown')).status).toBe(401);
  });
  test('a service that does not exist', async () => {
    expect((await call(request(), 'ehr', 'unknown')).status).toBe(404);
  });
  test.each([
    ['no context', { hook: 'patient-view', hookInstance: 'x' }],
    ['no patient', request({ context: {} })],
    ['a patient that is no text', request({ context: { patientId: 5 } })],
    ['no hookInstance', { hook: 'patient-view', context: { patientId: 'theirs' } }],
    ['another hook', request({ hook: 'order-sign' })],
    ['a list', []],
  ])('%s', async (_name, body) => {
    const answer = await call(body);
    expect(answer.status).toBe(400);
    expect(answer.json.resourceType).toBe('OperationOutcome');
  });
});

test('discovery is open and names the services only', async () => {
  const answer = await http.send('GET', '/cds-services', { as: 'nobody' });
  expect(answer.json).toEqual({
    services: [{ id: 'plan', hook: 'patient-view', title: 'Plan', description: 'The plan' }],
  });
});

test('a known child gets the cards for our id, an unknown one none', async () => {
  expect((await call(request())).json.cards).toEqual([{ ...card, detail: 'ours' }]);
  expect((await call(request({ context: { patientId: 'unknown' } }))).json).toEqual({ cards: [] });
});
