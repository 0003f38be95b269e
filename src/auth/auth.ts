import { type ErrorRequestHandler, Router, text } from 'express';
import type { Principal } from '../access/types.ts';
import { ok, type Result } from '../base/errors.ts';
import { type Jwk, publicJwk } from '../base/jwt.ts';
import { limits } from '../base/limits.ts';
import { faultOf } from '../base/log.ts';
import { createAccessTokens } from './access-token.ts';
import { adminRouter } from './admin/admin.ts';
import { createAdminRequests } from './admin/requests.ts';
import { steppedUp } from './admin/step-up.ts';
import { createAssertions } from './assertions.ts';
import { authorizeEndpoint } from './authorize.ts';
import { createClientKeys } from './client-keys.ts';
import { createClientSecrets } from './client-secrets.ts';
import { type Clients, createClients } from './clients.ts';
import { createCodes } from './codes.ts';
import { callbackEndpoint } from './ehr-launch/callback.ts';
import { launchEndpoint } from './ehr-launch/launch.ts';
import type { LaunchRoom } from './ehr-launch/launch-room.ts';
import { createLogins } from './ehr-launch/logins.ts';
import { createGrants } from './grants.ts';
import { introspectionEndpoint } from './introspect.ts';
import { createKeyRotation } from './key-rotation.ts';
import { servicesLaunchEndpoint } from './launch-context/launch-api.ts';
import { createLaunches, type LaunchContext } from './launches.ts';
import { createWebOrigins, onlyOriginsOfClient, type WebOrigins } from './origins.ts';
import { sendPage } from './page.ts';
import type { Accounts } from './people/accounts.ts';
import { createPeopleRoom } from './people/room.ts';
import { peopleRoutes } from './people/routes.ts';
import { createRefreshTokens } from './refresh.ts';
import { revocationEndpoint } from './revoke.ts';
import { createRevokedTokens } from './revoked-tokens.ts';
import type { AuthRoom } from './room.ts';
import { createSessions } from './sessions.ts';
import { createSigningKeys } from './signing-keys.ts';
import { openidConfiguration, smartConfiguration } from './smart-configuration.ts';
import { createStanding } from './standing.ts';
import { createSweep } from './sweep.ts';
import { tokenEndpoint } from './token.ts';
import type { AuthDeps, Client, NewClient } from './types.ts';
import { speakLanguage, wordsOf } from './words/language.ts';

/** The authorization server, as the rest of the house knows it. */
export interface Auth {
  /** /auth/authorize, /auth/token, /.well-known/{jwks.json,openid-configuration}, /launch, /launch/callback. Mount at the root, before any body parser. */
  router: Router;
  /** For `<fhir base>/.well-known/smart-configuration`, which `http` serves. */
  smartConfiguration(): object;
  /** Public keys: what our server signs with, and our client keys towards hospitals. */
  jwks(): Promise<{ keys: Jwk[] }>;
  /** The principal behind an Authorization header. Every failure is `unauthorized` with the same text. */
  verifyBearer(header: string | undefined): Promise<Result<Principal>>;
  createLaunch(context: LaunchContext): Promise<Result<{ launchId: string }>>;
  addClient(client: NewClient): Promise<Result<Client>>;
  clients: Clients;
  accounts: Accounts;
  /** Proves anew who somebody is, with a code of their second factor (TH-66). Error `unauthorized`: how to ask again. */
  stepUp(fhirUser: string, code: string | undefined): Promise<Result<{ accountId?: string }>>;
  /** Whether the house wants two for what gives somebody something. */
  needsSecondPerson(): Promise<boolean>;
  /** Which web origins may read answers from a browser. */
  webOrigins: WebOrigins;
}

export function createAuth(deps: AuthDeps): Auth {
  const room = createRoom(deps);
  const launchRoom: LaunchRoom = {
    ...room,
    logins: createLogins(deps),
    sites: deps.ehrSites,
    guardedFetch: deps.guardedFetch,
    clientKey: deps.clientKey,
  };
  const jwks = async () => ({
    keys: [
      ...(await room.signingKeys.published()),
      ...[deps.clientKey, ...(deps.publishedClientKeys ?? [])].map(publicJwk),
    ],
  });
  return {
    router: createRouter(launchRoom, jwks),
    smartConfiguration: () => smartConfiguration(deps.publicUrl, deps.discovery),
    jwks,
    verifyBearer: (header) => room.tokens.verifyBearer(header),
    createLaunch: async (context) => ok({ launchId: await room.launches.create(context) }),
    addClient: (client) => room.clients.add(client),
    clients: room.clients,
    accounts: room.accounts,
    stepUp: (fhirUser, code) => steppedUp(fhirUser, code, room),
    needsSecondPerson: room.adminRequests.areNeeded,
    webOrigins: room.webOrigins,
  };
}

function createRoom(deps: AuthDeps): AuthRoom {
  const { sql, clock, log, publicUrl, fhirBaseUrl, resourceTypes, guardedFetch } = deps;
  const standing = createStanding({ sql, clock });
  const signingKeys = createSigningKeys({ sql, clock });
  const clients = createClients({ sql, clock, resourceTypes, standing });
  const grants = createGrants({ sql, clock, standing, resourceTypes });
  const graceSeconds = deps.refreshGraceSeconds ?? 0;
  return {
    ...createPeopleRoom(deps),
    clock,
    log,
    trail: deps.trail,
    publicUrl,
    fhirBaseUrl,
    tokenUrl: `${publicUrl}/auth/token`,
    resourceTypes,
    clients,
    webOrigins: createWebOrigins({ clients, clock }),
    clientKeys: createClientKeys({ guardedFetch, clock }),
    assertions: createAssertions(sql),
    sessions: createSessions({ sql, clock }),
    launches: createLaunches({ sql, clock }),
    clientSecrets: createClientSecrets({ sql, clock }),
    codes: createCodes({ sql, clock, standing, resourceTypes }),
    grants,
    refreshTokens: createRefreshTokens({ sql, clock, grants, resourceTypes, graceSeconds }),
    revokedTokens: createRevokedTokens({ sql, standing }),
    stillHolds: deps.stillHolds ?? (async () => true),
    mayKnow: deps.mayKnow ?? (async () => true),
    signingKeys,
    keyRotation: createKeyRotation({ sql, clock }),
    adminRequests: createAdminRequests({ sql, clock }),
    tokens: createAccessTokens({
      keys: signingKeys,
      standing,
      clock,
      issuer: publicUrl,
      audience: fhirBaseUrl,
      resourceTypes,
    }),
    sweep: createSweep({ sql, clock }),
  };
}

function createRouter(room: LaunchRoom, jwks: () => Promise<object>): Router {
  const router = Router();
  // Read as text and parsed by us: a parser that merges repeated names would hide them from the checks.
  const form = text({ type: 'application/x-www-form-urlencoded', limit: limits.auth.formBytes });
  const open = { 'Cache-Control': `public, max-age=${limits.jwks.cacheSeconds}` };
  const ownOrigin = onlyOriginsOfClient(room.webOrigins);
  router.get('/.well-known/jwks.json', async (_request, response) => {
    response.set(open).json(await jwks());
  });
  router.get('/.well-known/openid-configuration', (_request, response) => {
    response.set(open).json(openidConfiguration(room.publicUrl));
  });
  router.use(['/auth', '/launch'], speakLanguage(room.cookies));
  const authorize = authorizeEndpoint(room);
  router.get('/auth/authorize', authorize);
  router.post('/auth/authorize', form, authorize);
  router.post('/auth/token', form, ownOrigin, tokenEndpoint(room));
  router.post('/auth/revoke', form, ownOrigin, revocationEndpoint(room));
  router.post('/auth/introspect', form, ownOrigin, introspectionEndpoint(room));
  router.all(['/auth/token', '/auth/revoke', '/auth/introspect'], (_request, response) => {
    response.status(405).set({ Allow: 'POST', 'Cache-Control': 'no-store' });
    response.json({ error: 'invalid_request', error_description: 'Use POST.' });
  });
  const json = text({ type: 'application/json', limit: limits.people.launchContextBytes });
  router.post(`${new URL(room.fhirBaseUrl).pathname}/_services/smart/Launch`, json, servicesLaunchEndpoint(room));
  router.use('/auth', peopleRoutes(room, form));
  router.use('/admin', adminRouter(room));
  router.get('/launch', launchEndpoint(room));
  router.get('/launch/callback', callbackEndpoint(room));
  router.use(['/auth', '/launch', '/admin'], faultHandler(room));
  return router;
}

/** A fault of ours, or a body that is too large: the cause goes to the log, never to the client. */
function faultHandler(room: AuthRoom): ErrorRequestHandler {
  return (fault: unknown, request, response, next) => {
    if (response.headersSent) return next(fault);
    const status = statusOf(fault);
    if (status === 500) room.log.error({ err: faultOf(fault) }, 'authorization fault');
    if (!/^\/auth\/(token|revoke|introspect)\b|^\/admin\b/.test(request.originalUrl)) {
      const { faultTitle: title, fault: text } = wordsOf(response).errors;
      sendPage(response, { status, title, text });
      return;
    }
    response.status(status).set('Cache-Control', 'no-store');
    response.json({ error: status < 500 ? 'invalid_request' : 'server_error' });
  };
}

/** What the body parser refused is the client's (413, 415 …); everything else is ours. */
function statusOf(fault: unknown): number {
  const status = fault instanceof Error && 'status' in fault ? fault.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}
