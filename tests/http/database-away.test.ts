import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { createExtractor } from '../../src/fhir/search/extract.ts';
import { createValidator } from '../../src/fhir/validate.ts';
import { everythingOperations } from '../../src/http/core-operations/everything.ts';
import { createPageLinks } from '../../src/http/page-links.ts';
import { createStore } from '../../src/store/store.ts';
import { createTestStore, type TestStore } from '../support/database.ts';
import { startHttp, type TestHttp } from '../support/http.ts';

let home: TestStore;
let http: TestHttp;
let door: Server;
let pool: pg.Pool;
const open = new Set<Socket>();
let isOpen = true;

/** The server reaches its database through a door that can be shut. */
beforeAll(async () => {
  home = await createTestStore();
  const { host, port, user, database } = home.connection;
  const reach = () => (host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host));
  door = createServer((socket) => {
    const onward = isOpen ? reach() : undefined;
    if (!onward) return socket.destroy();
    for (const one of [socket, onward]) {
      open.add(one);
      one.on('error', () => {}).on('close', () => open.delete(one));
    }
    socket.pipe(onward).pipe(socket);
    return socket;
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  pool = new pg.Pool({ host: '127.0.0.1', port: (door.address() as AddressInfo).port, user, database, max: 4 });
  pool.on('error', () => {});
  const { definitions, clock, log } = home;
  const extract = createExtractor(definitions);
  const store = createStore({ pool, definitions, extract, checks: [], effects: [], clock, log });
  const validate = createValidator(path.join(import.meta.dirname, '../../build/fhir'));
  const pageLinks = createPageLinks(Buffer.alloc(32, 7), clock);
  const operations = everythingOperations({ definitions, validate, baseUrl: 'http://here/fhir', pageLinks, clock });
  http = await startHttp({ store, operations, log });
  await http.send('PUT', '/fhir/Patient/child', { body: { resourceType: 'Patient', id: 'child' } });
});
afterAll(async () => {
  await http.close();
  await pool.end();
  door.close();
  await home.drop();
});

test.each([
  ['GET', 'Patient/child'],
  ['HEAD', 'Patient/child'],
  ['GET', 'Patient/child/_history/1'],
  ['GET', 'Patient/child/_history'],
  ['GET', 'Patient/_history'],
  ['GET', '_history'],
  ['GET', 'Patient?name=x'],
  ['GET', 'Patient/child/$everything'],
  ['POST', 'Patient'],
  ['PUT', 'Patient/child'],
  ['PATCH', 'Patient/child'],
  ['DELETE', 'Patient/child'],
  ['POST', ''],
])('%s /%s answers 503 and when to ask again; then it goes on as before', async (method, target) => {
  isOpen = false;
  for (const socket of open) socket.destroy();
  const bodies: Record<string, object> = {
    POST: { resourceType: 'Patient' },
    PUT: { resourceType: 'Patient', id: 'child', active: true },
    PATCH: {
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'operation',
          part: [
            { name: 'type', valueCode: 'delete' },
            { name: 'path', valueString: 'Patient.active' },
          ],
        },
      ],
    },
  };
  const entry = [{ request: { method: 'POST', url: 'Patient' }, resource: { resourceType: 'Patient' } }];
  const body = target === '' ? { resourceType: 'Bundle', type: 'transaction', entry } : bodies[method];
  const answer = await http.send(method, `/fhir/${target}`, { body });
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
  if (method !== 'HEAD') expect(answer.json.issue).toMatchObject([{ severity: 'error', code: 'transient' }]);
  isOpen = true;
  expect((await http.send('GET', '/fhir/Patient/child')).status).toBe(200);
});
