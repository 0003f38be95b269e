import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { planCategorySystem, sharedPlanCode } from '../../src/fhir/shared-plan.ts';
import { readPlan } from '../../src/web/shared/fhir-reader.ts';

/** A server of searchsets over real HTTP. The page asks by path, as a browser does, so that fetch is given the origin here. */
let server: Server;
let answer: (request: IncomingMessage, body: string) => { status: number; body: unknown };
let asked: string[];
const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const browserFetch = globalThis.fetch;
const session = { accessToken: 'token', patientId: 'p1', needPatientBanner: true, expiresAt: Number.MAX_SAFE_INTEGER };

beforeEach(async () => {
  asked = [];
  server = createServer((request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    request.on('data', (piece) => {
      body += piece;
    });
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      const { status, body: sent } = answer(request, body);
      response.writeHead(status, { 'content-type': 'application/fhir+json' }).end(JSON.stringify(sent));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  globalThis.fetch = (input, init) => browserFetch(new URL(String(input), origin()), init);
});
afterEach(async () => {
  globalThis.fetch = browserFetch;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const searchset = (resources: object[], next?: string) => ({
  resourceType: 'Bundle',
  type: 'searchset',
  ...(next && { link: [{ relation: 'next', url: `${origin()}${next}` }] }),
  entry: resources.map((resource) => ({ resource, search: { mode: 'match' } })),
});
const category = [{ coding: [{ system: planCategorySystem, code: sharedPlanCode }] }];
const plan = { resourceType: 'CarePlan', id: 'plan', status: 'active', category };
const goal = (id: number) => ({ resourceType: 'Goal', id: `g${id}` });

/** Answers each search of the batch. */
function batch(body: string, of: (url: string) => { status?: string; resource?: object }) {
  const { entry } = JSON.parse(body) as { entry: { request: { url: string } }[] };
  const parts = entry.map(({ request }) => {
    const { status = '200 OK', resource = searchset([]) } = of(request.url);
    return { response: { status }, resource };
  });
  return { status: 200, body: { resourceType: 'Bundle', type: 'batch-response', entry: parts } };
}

describe('what cannot be read completely is a failure', () => {
  test.each([
    [401, 'expired'],
    [403, 'refused'],
    [500, 'unreachable'],
  ])('status %i: %s', async (status, reason) => {
    answer = () => ({ status, body: {} });
    expect(await readPlan(session)).toEqual({ kind: 'failed', reason });
  });

  test('one search of the batch that failed', async () => {
    answer = (_request, body) => batch(body, (url) => (url.startsWith('Goal') ? { status: '503' } : {}));
    expect(await readPlan(session)).toEqual({ kind: 'failed', reason: 'unreachable' });
  });

  test('a further page that failed', async () => {
    answer = ({ url }, body) =>
      url === '/fhir'
        ? batch(body, (search) => (search.startsWith('Goal') ? { resource: searchset([goal(1)], '/fhir?page=2') } : {}))
        : { status: 500, body: {} };
    expect(await readPlan(session)).toEqual({ kind: 'failed', reason: 'unreachable' });
  });

  test('pages without end', async () => {
    answer = ({ url }, body) =>
      url === '/fhir'
        ? batch(body, () => ({ resource: searchset([plan], '/fhir?page=x') }))
        : { status: 200, body: searchset([goal(1)], '/fhir?page=x') };
    expect(await readPlan(session)).toEqual({ kind: 'failed', reason: 'unreachable' });
    expect(asked.length).toBeLessThan(100);
  });
});

test('every page is read, everything once, with the token', async () => {
  answer = ({ url }, body) => {
    if (url === '/fhir?page=2') return { status: 200, body: searchset([goal(2)], '/fhir?page=3') };
    if (url === '/fhir?page=3') return { status: 200, body: searchset([goal(2), goal(3)]) };
    return batch(body, (search) => {
      if (search.startsWith('CarePlan')) return { resource: searchset([plan]) };
      return search.startsWith('Goal') ? { resource: searchset([goal(1)], '/fhir?page=2') } : {};
    });
  };
  const reading = await readPlan(session);
  expect(reading).toMatchObject({ kind: 'plan', planId: 'plan' });
  expect(reading.kind === 'plan' && reading.resources.map(({ id }) => id)).toEqual(['plan', 'g1', 'g2', 'g3']);
  expect(asked).toEqual(['POST /fhir', 'GET /fhir?page=2', 'GET /fhir?page=3'].map((line) => `${line} Bearer token`));
});

test('a plan that a hospital sent is never taken for ours, whatever it calls itself', async () => {
  const sent = { ...plan, id: 'theirs', meta: { source: 'urn:careweave:site:lakeside#CarePlan/1' } };
  const of = (plans: object[]) => {
    answer = (_request, body) =>
      batch(body, (url) => (url.startsWith('CarePlan') ? { resource: searchset(plans) } : {}));
    return readPlan(session);
  };
  expect(await of([sent])).toMatchObject({ kind: 'no-plan' });
  expect(await of([sent, plan])).toMatchObject({ kind: 'plan', planId: 'plan' });
});

test('a plan that is over is no plan', async () => {
  const patient = { resourceType: 'Patient', id: 'p1' };
  const over = { ...plan, status: 'revoked' };
  answer = (_request, body) =>
    batch(body, (url) => ({ resource: searchset(url.startsWith('Patient') ? [patient] : [over]) }));
  expect(await readPlan(session)).toEqual({ kind: 'no-plan', patient });
});

test('of all the Provenance there is, the page asks for one of each hospital, by a record of the child', async () => {
  const sent = (type: string, id: string, site: string) => ({
    resourceType: type,
    id,
    meta: { source: `urn:careweave:site:${site}#${type}/${id}` },
  });
  const batches: string[][] = [];
  answer = (_request, body) => {
    const { entry } = JSON.parse(body) as { entry: { request: { url: string } }[] };
    batches.push(entry.map(({ request }) => request.url));
    return batch(body, (url) => {
      if (url.startsWith('CarePlan'))
        return {
          resource: searchset([plan, sent('CarePlan', 'c1', 'lakeside'), sent('Practitioner', 'dr', 'elsewhere')]),
        };
      if (url.startsWith('Condition'))
        return { resource: searchset([sent('Condition', 'd1', 'lakeside'), sent('Condition', 'd2', 'summit')]) };
      return url.startsWith('Provenance')
        ? { resource: searchset([{ resourceType: 'Provenance', id: url }], '/fhir?more') }
        : {};
    });
  };
  const reading = await readPlan(session);
  expect(batches).toHaveLength(2);
  expect(batches[0]?.some((url) => url.startsWith('Provenance'))).toBe(false);
  expect(batches[1]?.sort()).toEqual(
    ['d1', 'd2'].map((id) => `Provenance?target=Condition/${id}&_sort=-recorded&_count=1`),
  );
  const told = reading.kind === 'plan' && reading.resources.filter(({ resourceType }) => resourceType === 'Provenance');
  expect(told).toHaveLength(2);
  expect(asked).toHaveLength(2);
});
