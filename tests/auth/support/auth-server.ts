import { createServer, type Server } from 'node:http';
import express from 'express';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { createTrail } from '../../../src/access/audit/trail.ts';
import { type Auth, createAuth } from '../../../src/auth/auth.ts';
import type { AuthDeps, EhrLaunchSites } from '../../../src/auth/types.ts';
import { createGuardedFetch } from '../../../src/base/guarded-fetch.ts';
import type { Jwk } from '../../../src/base/jwt.ts';
import { generateKeys } from '../../../src/base/keys.ts';
import type { Sql } from '../../../src/store/types.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { testLogger } from '../../support/test-log.ts';

/** A clock that stands still until a test moves it. */
export interface MovableClock {
  now(): Date;
  advance(seconds: number): void;
}

export function movableClock(): MovableClock {
  let offset = 0;
  return {
    now: () => new Date(Date.now() + offset),
    advance: (seconds) => {
      offset += seconds * 1000;
    },
  };
}

export interface AuthServer {
  auth: Auth;
  url: string;
  tokenUrl: string;
  fhirBaseUrl: string;
  clock: MovableClock;
  sql: Sql;
  database: TestDatabase;
  clientKey: Jwk;
  close(): Promise<void>;
}

export const resourceTypes: ReadonlySet<string> = new Set([
  'Patient',
  'Observation',
  'Goal',
  'CarePlan',
  'Practitioner',
  // Our own pages ask for these by name.
  'Task',
  'Consent',
  'RequestGroup',
  'QuestionnaireResponse',
]);

const noSites: EhrLaunchSites = {
  byIssuer: async () => undefined,
  patientFor: async () => undefined,
  userFor: async () => undefined,
};

export function listen(app: express.Express): Promise<{ server: Server; url: string }> {
  const server = createServer(app);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      resolve({ server, url: `http://127.0.0.1:${address.port}` });
    });
  });
}

export function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

/** The authorization server over real HTTP and a real database. */
export async function startAuthServer(
  ehrSites: EhrLaunchSites = noSites,
  change: Partial<AuthDeps> = {},
): Promise<AuthServer> {
  const database = await createTestDatabase();
  const sql: Sql = {
    async query<Row extends object>(text: string, values: readonly unknown[] = []) {
      return (await database.pool.query<Row & Record<string, unknown>>(text, [...values])).rows;
    },
  };
  const app = express();
  const { server, url } = await listen(app);
  const clock = movableClock();
  const guardedFetch = createGuardedFetch({ allowedOrigins: [], allowLoopback: true });
  const clientKey = (await generateKeys('ES384')).privateJwk;
  const fhirBaseUrl = `${url}/fhir`;
  const auth = createAuth({
    trail: createTrail({ sql, clock, log: testLogger(), reads: 'buffered' }),
    sql,
    clock,
    log: testLogger(),
    publicUrl: url,
    fhirBaseUrl,
    guardedFetch,
    ehrSites,
    clientKey,
    resourceTypes,
    ...change,
  });
  app.use(auth.router);
  const close = async () => {
    await closeServer(server);
    await guardedFetch.close();
    await database.drop();
  };
  return { auth, url, tokenUrl: `${url}/auth/token`, fhirBaseUrl, clock, sql, database, clientKey, close };
}

/** A key pair made by the second opinion, not by the code under test. */
export interface TestKey {
  kid: string;
  algorithm: string;
  privateKey: CryptoKey;
  publicJwk: JWK;
}

export async function testKey(algorithm: 'ES384' | 'RS384' | 'RS256', kid = `kid-${algorithm}`): Promise<TestKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const publicJwk: JWK = { ...(await exportJWK(publicKey)), kid, use: 'sig' };
  return { kid, algorithm, privateKey, publicJwk };
}

export interface AssertionChange {
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
}

/** A right client assertion, with whatever a test wants to be wrong. A claim set to undefined is left out. */
export function assertion(
  server: AuthServer,
  clientId: string,
  key: TestKey,
  change: AssertionChange = {},
): Promise<string> {
  const now = Math.floor(server.clock.now().getTime() / 1000);
  const claims: Record<string, unknown> = {
    iss: clientId,
    sub: clientId,
    aud: server.tokenUrl,
    exp: now + 240,
    iat: now,
    jti: crypto.randomUUID(),
    ...change.claims,
  };
  return new SignJWT(Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined)))
    .setProtectedHeader({ alg: key.algorithm, kid: key.kid, typ: 'JWT', ...change.header })
    .sign(key.privateKey);
}

export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

export async function postForm(url: string, form: Record<string, string> | [string, string][]): Promise<Answer> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  const body: unknown = await response.json();
  if (typeof body !== 'object' || body === null) throw new Error('no JSON object');
  return { status: response.status, headers: response.headers, body: { ...body } };
}

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** A client_credentials request as a right client sends it, with changes. */
export function askBackend(server: AuthServer, token: string, change: Record<string, string> = {}): Promise<Answer> {
  return postForm(server.tokenUrl, {
    grant_type: 'client_credentials',
    client_assertion_type: assertionType,
    client_assertion: token,
    scope: 'system/Patient.rs',
    ...change,
  });
}
