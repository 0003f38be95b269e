import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createAudit } from '../../src/access/audit/audit.ts';
import { createSealer } from '../../src/access/audit/seal.ts';
import { createTrail } from '../../src/access/audit/trail.ts';
import { parseScopes } from '../../src/access/scopes.ts';
import type { Principal } from '../../src/access/types.ts';
import { fail, ok } from '../../src/base/errors.ts';
import { createValidator } from '../../src/fhir/validate.ts';
import { createPageLinks } from '../../src/http/page-links.ts';
import { createServer as createApp, type HttpDeps } from '../../src/http/server.ts';
import { admitClinicians } from './admit-clinicians.ts';
import { createTestStore, type TestStore } from './database.ts';
import { testLogger } from './test-log.ts';
import { createOutputVerifier } from './verifier/output-verifier.ts';

export interface TestHttp extends TestStore {
  url: string;
  /** Sends a request as the given caller (default: everything allowed); a body is sent as FHIR JSON. */
  send(
    method: string,
    path: string,
    options?: { as?: string; body?: unknown; text?: string; headers?: Record<string, string> },
  ): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  json: any;
}

const callers: Record<string, Omit<Principal, 'scopes'> & { scope: string }> = {
  all: { kind: 'client', id: 'test-all', clientId: 'test-all', scope: 'system/*.cruds' },
  reader: { kind: 'client', id: 'test-reader', clientId: 'test-reader', scope: 'system/Patient.rs' },
  goals: { kind: 'client', id: 'test-goals', clientId: 'test-goals', scope: 'system/Goal.cruds' },
  'child-a': {
    kind: 'user',
    id: 'Practitioner/x',
    clientId: 'page',
    patientId: 'child-a',
    fhirUser: 'Practitioner/x',
    scope: 'patient/*.cruds',
  },
};

/** The HTTP edge over a store of its own. Tokens are names of callers; everything else is the real thing. */
export async function startHttp(
  extra: Partial<HttpDeps> = {},
  storeOptions: Parameters<typeof createTestStore>[0] = {},
): Promise<TestHttp> {
  const testStore = await createTestStore(storeOptions);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const audit = createAudit({ ...testStore, baseUrl: `${url}/fhir` });
  const { store, definitions, clock } = testStore;
  const log = testLogger();
  const verifier = createOutputVerifier(testStore.pool, clock, extra.privacy !== undefined);
  const deps: HttpDeps = {
    store,
    definitions,
    validate: createValidator(path.join(import.meta.dirname, '../../build/fhir')),
    verifyBearer: async (header) => principalOf(header, definitions.types),
    smartConfiguration: () => ({}),
    capabilities: () => ({ resourceType: 'CapabilityStatement' }),
    operations: [],
    hooks: [],
    cdsClients: { verify: async () => fail('unauthorized', 'no'), patientFor: async () => undefined },
    privacy: { admit: admitClinicians },
    audit: {
      requests: audit.requests,
      trail: createTrail({ ...testStore, sql: testStore.store, reads: 'buffered' }),
      sealer: createSealer(testStore),
    },
    routers: [],
    frameOrigins: () => [],
    pageLinks: createPageLinks(Buffer.alloc(32, 7), clock),
    publicUrl: url,
    clock,
    log,
    inspect: verifier.inspect,
    ...extra,
  };
  server.on('request', createApp(deps));
  const close = async () => {
    await closed(server);
    await testStore.drop();
    if (verifier.leaks.length > 0) throw new Error(verifier.leaks.join('\n'));
  };
  return { ...testStore, url, send: (method, target, options) => send(`${url}${target}`, method, options), close };
}

function principalOf(header: string | undefined, types: ReadonlySet<string>) {
  const caller = callers[header?.replace(/^Bearer /, '') ?? ''];
  if (!caller) return fail('unauthorized', 'A valid access token is needed.');
  const { scope, ...principal } = caller;
  return ok({ ...principal, scopes: parseScopes(scope, types).resource });
}

async function send(url: string, method: string, options: Parameters<TestHttp['send']>[2] = {}): Promise<Answer> {
  const { as = 'all', body, text = body === undefined ? undefined : JSON.stringify(body), headers = {} } = options;
  const type: Record<string, string> = text === undefined ? {} : { 'Content-Type': 'application/fhir+json' };
  const auth: Record<string, string> = as === 'nobody' ? {} : { Authorization: `Bearer ${as}` };
  const answer = await fetch(url, { method, body: text, headers: { ...type, ...auth, ...headers } });
  const received = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json') && received !== '';
  return {
    status: answer.status,
    headers: answer.headers,
    text: received,
    json: isJson ? JSON.parse(received) : undefined,
  };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
