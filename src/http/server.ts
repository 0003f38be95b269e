import express, { type Request, type Response } from 'express';
import { actorFor } from '../access/actor.ts';
import type { Principal } from '../access/types.ts';
import type { WebOrigins } from '../auth/origins.ts';
import type { Clock } from '../base/clock.ts';
import { type CareError, fail, ok, type Result } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import type { Definitions } from '../fhir/definitions.ts';
import type { Resource } from '../fhir/types.ts';
import type { CdsService, Module, Operation, Translation } from '../module.ts';
import type { Sql, Store } from '../store/types.ts';
import type { Check } from '../terminology/conformance/check.ts';
import type { Terms } from '../terminology/terms.ts';
import { appStateCapabilities, appStateInteractions } from './app-state/index.ts';
import { createLater } from './async/later.ts';
import { concluded, concludeFault, type HttpAudit, keepWatch, learn, watchFhir } from './audit.ts';
import { auditEvents } from './audit-events.ts';
import { formBody, jsonBody, patchBody, readBody } from './body.ts';
import { type CdsClients, cdsServices } from './cds-services.ts';
import { cors, keepForClient } from './cors.ts';
import { faultHandler, sendError, statusFor } from './errors.ts';
import type { FhirContext, FhirRequest, FhirResponse, Interactions, PageLinks } from './fhir-request.ts';
import { inTurn } from './in-turn.ts';
import { createInteractions } from './interactions/index.ts';
import { neededScope } from './needed-scope.ts';
import { acceptsFormat, wantsJson } from './negotiate.ts';
import { formatAsked, formatsOf } from './operation-formats.ts';
import { createOperations } from './operations.ts';
import type { Privacy } from './privacy.ts';
import { provenanceOf } from './provenance-header.ts';
import { rateDoors } from './rate-doors.ts';
import type { RateLimits } from './rate-limit.ts';
import { sendFhir, type Wish } from './respond.ts';
import { type Route, routeOf } from './route.ts';
import { secureHeaders } from './secure-headers.ts';
import { createThrottled, createThrottledCallers } from './throttled.ts';
import { toldBy } from './told-by.ts';

export interface HttpDeps {
  store: Store;
  definitions: Definitions;
  validate: Check;
  /** The terminology room's answers to searches. */
  terms?: Terms;
  verifyBearer: (header: string | undefined) => Promise<Result<Principal>>;
  smartConfiguration: () => object;
  /** For the search parameters in use now. */
  capabilities: () => Resource | Promise<Resource>;
  operations: readonly Operation[];
  /** Which records several people edit at once (module.ts); absent: none. */
  editedByMany?: Module['editedByMany'];
  hooks: readonly CdsService[];
  cdsClients: CdsClients;
  /** What the privacy policy leaves people. */
  privacy: Privacy;
  /** Partners that say some records in words of their own; absent: nobody does. */
  translation?: Translation;
  /** What every request is told to before it is answered. */
  audit: HttpAudit;
  /** Routers of other edge rooms (auth, ops, the web pages), mounted at the root in this order. */
  routers: readonly express.Router[];
  /** Origins that may show our pages in a frame: those of the configured EHRs. */
  frameOrigins: () => readonly string[];
  /** Web origins that may read answers; absent: none but for what is open. */
  webOrigins?: WebOrigins;
  rates?: RateLimits;
  /** Proxies whose X-Forwarded-For is believed. */
  trustedProxies?: readonly string[];
  /** In tests: judges once more, by other means, what is about to leave (docs/decisions/access.md). */
  inspect?: (principal: Principal, answer: FhirResponse) => Promise<void>;
  /** One answered FHIR request, by the name of its interaction; never a URL. */
  observe?: (interaction: string, method: string, status: number, seconds: number) => void;
  pageLinks: PageLinks;
  publicUrl: string;
  clock: Clock;
  log: Logger;
}

/** The whole HTTP surface, in the order a request meets it. */
export function createServer(deps: HttpDeps): express.Express {
  const app = express();
  app.disable('x-powered-by').set('etag', false).set('query parser', 'simple');
  app.set('trust proxy', [...(deps.trustedProxies ?? [])]);
  const named: express.RequestHandler = (_request, response, next) => {
    response.locals.requestId = newId();
    response.setHeader('X-Request-Id', response.locals.requestId);
    // Kept by nobody unless whoever answers says otherwise: what holds nothing about a person (TH-62).
    response.setHeader('Cache-Control', 'no-store');
    return next();
  };
  const headers = secureHeaders(deps.frameOrigins, deps.publicUrl.startsWith('https:'));
  const doors = deps.rates ? [rateDoors(deps.rates, deps.log, createThrottled(deps.audit.trail, deps.clock))] : [];
  app.use(inTurn([headers, named, cors(webOriginsOf(deps)), ...doors]));
  // First, because it is asked most: every router before it would look at each of its requests.
  const apart = new Map([['AuditEvent', auditEvents(deps.audit.sealer)]]);
  app.use('/fhir', fhirHandler(deps, createInteractions(createOperations(deps.operations, createLater()), apart)));
  app.use('/app-state', fhirHandler(...appState(deps)));
  for (const router of deps.routers) app.use(router);
  app.use('/cds-services', cdsServices(deps));
  app.use((_request, response) => {
    const missing = fail('not-found', 'There is nothing at this address.');
    sendError(response, missing.error, deps.log);
  });
  app.use(faultHandler(deps.log));
  return app;
}

function webOriginsOf({ webOrigins }: HttpDeps): WebOrigins {
  return (
    webOrigins ?? {
      registered: async () => new Set(),
      ofClient: async () => new Set(),
      stateCodes: async () => new Set(),
    }
  );
}

/** What apps keep comes the same way as a chart; it is theirs, so nothing is taken out of it. */
function appState(deps: HttpDeps): [HttpDeps, Interactions] {
  const { privacy, publicUrl, clock } = deps;
  const capabilities = () => appStateCapabilities(publicUrl, clock.now().toISOString());
  const own: HttpDeps = { ...deps, capabilities, privacy: { admit: privacy.admit } };
  return [own, appStateInteractions(webOriginsOf(deps))];
}

function fhirHandler(deps: HttpDeps, interactions: Interactions) {
  const baseUrl = `${deps.publicUrl}/fhir`;
  const throttled = createThrottledCallers(deps.clock);
  const handle = async (request: Request, response: Response): Promise<void> => {
    const path = pathOf(request);
    const route = path.ok ? routeOf(request.method, path.value, (type) => deps.definitions.types.has(type)) : path;
    observed(request.method, route.ok ? route.value.name : 'none', response, deps.observe);
    if (route.ok && route.value.name === 'smart-configuration') {
      response.json(deps.smartConfiguration());
      return;
    }
    // Once: express reads it anew each time it is asked.
    const { query } = request;
    const accept = request.get('accept');
    const asDocument = formatAsked(query, accept, route.ok ? formatsOf(deps.operations, route.value) : []);
    const format = asDocument === undefined ? wantsJson(query, accept) : ok(undefined);
    if (format.ok && route.ok && route.value.name === 'capabilities') {
      return sendFhir(response, { status: 200, resource: await deps.capabilities() }, wishOf(request, query));
    }
    const watched = keepWatch(response, watchFhir(deps.audit, deps.store, request, route));
    let known: Principal | undefined;
    const refuse = async (refused: { ok: false; error: CareError }): Promise<void> => {
      const held = await concluded(watched, refused, statusFor(refused.error), baseUrl);
      sendError(response, held.ok ? refused.error : held.error, deps.log, neededScope(route, known));
    };
    if (!format.ok) return refuse(format);
    const verified = await deps.verifyBearer(request.get('authorization'));
    const principal = verified.ok ? ok(await deps.privacy.admit(verified.value)) : verified;
    if (!principal.ok) return refuse((await deps.rates?.ofAddress('unauthorized', request)) ?? principal);
    known = principal.value;
    watched.by(known);
    if (request.headers.origin !== undefined)
      await keepForClient(webOriginsOf(deps), response, principal.value.clientId);
    if (!route.ok) return refuse(route);
    const full = await deps.rates?.ofCaller(route.value, principal.value);
    if (full && throttled(known, watched)) return sendError(response, full.error, deps.log);
    if (full) return refuse(full);
    if (mayHaveBody(request)) await readBody(request, response);
    const asked = requestOf(request, route.value);
    if (!asked.ok) return refuse(asked);
    if (asDocument !== undefined) asked.value.format = asDocument;
    learn(watched, asked.value, request);
    const caller = { principal: principal.value, validate: deps.validate, store: deps.store };
    const provenance = await provenanceOf(request.get('x-provenance'), route.value.name, caller);
    if (!provenance.ok) return refuse(provenance);
    const guarded = await guardedBy(deps, route.value, asked.value, principal.value);
    if (!guarded.ok) return refuse(guarded);
    const context = contextOf({ ...deps, store: watched.store }, guarded.value.principal, baseUrl, response);
    if (provenance.value) context.actor.provenance = provenance.value;
    const speaker = await deps.translation?.speaker(guarded.value.principal);
    if (speaker) context.speaker = speaker;
    context.guard = (inner, one, within) => guardedBy(deps, inner, one, guarded.value.principal, within);
    const reached = await interactions(route.value, guarded.value.request, context);
    const hint = deps.privacy.redactor?.hint;
    const found = hint ? await hint(reached, route.value.name, asked.value, principal.value) : reached;
    if (!found.ok) return refuse(found);
    const match = request.get('if-none-match');
    const redactor = found.value.isTold ? undefined : deps.privacy.redactor;
    const redacted = (await redactor?.redact(found.value, principal.value, match)) ?? found.value;
    const answer = ok(toldBy(speaker, redacted));
    await deps.inspect?.(principal.value, answer.value);
    const held = await concluded(watched, answer, answer.value.status, baseUrl);
    if (!held.ok) return sendError(response, held.error, deps.log);
    await sendFhir(response, answer.value, wishOf(request, query));
  };
  return (request: Request, response: Response): Promise<void> =>
    handle(request, response).catch(async (fault) => {
      await concludeFault(response);
      throw fault;
    });
}

/** What is not told is not found either: see access/redact. */
async function guardedBy(
  { privacy }: HttpDeps,
  route: Route,
  request: FhirRequest,
  principal: Principal,
  within?: Sql,
) {
  const guarded = await privacy.redactor?.guard(route.name, request, principal, within);
  if (!guarded) return ok({ request, principal });
  if (!guarded.ok || !guarded.value.findsNothing) return guarded;
  return ok({ ...guarded.value, request: { ...guarded.value.request, findsNothing: true } });
}

function wishOf(request: Request, query: Request['query']): Wish {
  return { method: request.method, prefer: request.get('prefer'), pretty: query._pretty === 'true' };
}

function observed(method: string, interaction: string, response: Response, observe: HttpDeps['observe']): void {
  if (!observe) return;
  const start = performance.now();
  response.once('finish', () => observe(interaction, method, response.statusCode, (performance.now() - start) / 1000));
}

function contextOf(deps: HttpDeps, principal: Principal, baseUrl: string, response: Response): FhirContext {
  const { store, definitions, validate, terms, pageLinks, clock, editedByMany = [] } = deps;
  const actor = actorFor(principal, String(response.locals.requestId));
  return { principal, actor, store, definitions, validate, terms, baseUrl, pageLinks, clock, editedByMany };
}

function pathOf(request: Request): Result<string[]> {
  const parts = request.path.split('/').filter((part) => part !== '');
  try {
    return { ok: true, value: parts.map(decodeURIComponent) };
  } catch {
    return fail('invalid', 'The URL is not correctly encoded.', { code: 'structure' });
  }
}

/** A request without a body says so by having neither header (RFC 9112, 6.3). */
function mayHaveBody({ headers }: Request): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

function queryOf(url: string): [string, string][] {
  const start = url.indexOf('?');
  return start < 0 ? [] : [...new URLSearchParams(url.slice(start + 1).split('#', 1)[0])];
}

/** Takes from the HTTP request what the interaction needs; the body is read only where one belongs. */
function requestOf(request: Request, route: Route): Result<FhirRequest> {
  const place = {
    type: 'type' in route ? route.type : undefined,
    id: 'id' in route ? route.id : undefined,
    compartment: 'compartment' in route ? route.compartment : undefined,
  };
  const fhir: FhirRequest = {
    method: request.method as FhirRequest['method'],
    ...place,
    version: 'version' in route ? route.version : undefined,
    query: queryOf(request.originalUrl),
    ifMatch: request.get('if-match'),
    ifNoneMatch: request.get('if-none-match'),
    ifModifiedSince: request.get('if-modified-since'),
    ifNoneExist: request.get('if-none-exist'),
    prefer: request.get('prefer'),
  };
  if (route.name.startsWith('search') && request.method === 'POST') {
    const form = formBody(request);
    if (!form.ok) return form;
    const format = form.value.find(([name]) => name === '_format');
    const accepted = format ? acceptsFormat(format[1]) : undefined;
    return accepted?.ok === false ? accepted : { ok: true, value: { ...fhir, query: [...fhir.query, ...form.value] } };
  }
  if (route.name === 'patch') {
    const body = patchBody(request);
    return body.ok ? { ok: true, value: { ...fhir, body: body.value } } : body;
  }
  const takesBody = route.name === 'create' || route.name === 'update' || route.name === 'bundle';
  const operationBody =
    route.name === 'operation' && request.method === 'POST' && Buffer.isBuffer(request.body) && request.body.length > 0;
  if (!takesBody && !operationBody) return { ok: true, value: fhir };
  const body = jsonBody(request);
  return body.ok ? { ok: true, value: { ...fhir, body: body.value } } : body;
}
