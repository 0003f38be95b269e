import type { RequestHandler } from 'express';
import type { AuditEntry } from '../access/audit/entry.ts';
import { formatScopes, type ScopeSet } from '../access/scopes.ts';
import { limits } from '../base/limits.ts';
import { type Endpoint, type Exchange, settled } from './checks/exchange.ts';
import { runChecks } from './checks/index.ts';
import { contextKeys } from './context-keys.ts';
import { signIdToken } from './id-token.ts';
import { type Refusal, refuse } from './refusal.ts';
import type { AuthRoom } from './room.ts';
import { tell } from './tell.ts';
import { exchangeOf, neverStored, readTokenRequest, sendRefusal } from './token-request.ts';
import type { Granted } from './types.ts';

/** What is given for a grant that is right in everything. */
interface Given {
  body: Record<string, unknown>;
  tokenId: string;
}

interface GrantType {
  endpoint: Endpoint;
  give(exchange: Exchange, room: AuthRoom): Promise<Given>;
}

const types: Readonly<Record<string, GrantType>> = {
  authorization_code: { endpoint: 'code', give: firstTokens },
  refresh_token: { endpoint: 'refresh', give: nextTokens },
  client_credentials: { endpoint: 'backend', give: machineToken },
};

/** The grant_types of the token endpoint, for discovery. */
export const grantTypes: readonly string[] = Object.keys(types);

/**
 * POST /auth/token (RFC 6749, section 3.2; SMART App Launch 2.2). The body is form-encoded text; success and refusal are JSON and
 * are stored by nobody. What is given, and what a client that is known was refused, is in the audit trail before it is answered.
 */
export function tokenEndpoint(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    neverStored(response);
    const read = readTokenRequest(request);
    if ('error' in read) return sendRefusal(request, response, read, room);
    const type = typeOf(read.parameters.one('grant_type'));
    if ('error' in type) return sendRefusal(request, response, type, room);
    const exchange = exchangeOf(request, type.endpoint, read.parameters);
    const refusal = await runChecks(exchange, room);
    const outcome = refusal ?? (await type.give(exchange, room));
    if (exchange.client && !(await tell(entryOf(exchange, outcome), request, response, room))) return;
    if ('error' in outcome) sendRefusal(request, response, outcome, room);
    else response.json(outcome.body);
    await room.sweep();
  };
}

function typeOf(name: string | undefined): GrantType | Refusal {
  if (name === undefined) return refuse('invalid_request', 'grant_type is required, once.', 'grant_type');
  const type = Object.hasOwn(types, name) ? types[name] : undefined;
  return type ?? refuse('unsupported_grant_type', 'This grant_type is not supported.');
}

function entryOf(exchange: Exchange, outcome: Given | Refusal): AuditEntry {
  const grant = exchange.grant ?? exchange.refresh?.grant;
  const patients = grant?.patientId === undefined ? {} : { patients: [grant.patientId] };
  const who = { client: settled(exchange.client, 'client').id, ...(grant && { person: grant.fhirUser }) };
  const entry = { act: 'token' as const, ...patients, detail: exchange.endpoint };
  if ('error' in outcome) return { ...entry, who, outcome: 'refused', status: 400 };
  const purpose = purposesOf(exchange);
  const given = { ...who, token: outcome.tokenId, ...(purpose.length > 0 && { purpose }) };
  return { ...entry, who: given, outcome: 'success', status: 200 };
}

/** For what the token is: what the request said, or all that the client is registered for. */
function purposesOf({ purposes, client }: Exchange): readonly string[] {
  return purposes ?? settled(client, 'client').purposes;
}

/** SC-142: short-lived, no refresh token, no id_token, no patient. */
async function machineToken(exchange: Exchange, room: AuthRoom): Promise<Given> {
  const client = settled(exchange.client, 'client');
  const scopes = settled(exchange.scopes, 'scopes');
  const lifeSeconds = limits.auth.backendTokenSeconds;
  const { token, tokenId } = await room.tokens.issue({
    clientId: client.id,
    scopes,
    lifeSeconds,
    purposes: purposesOf(exchange),
  });
  return { body: bodyOf(token, lifeSeconds, scopes), tokenId };
}

/** For a code: SC-070 to SC-075, the id_token (SC-090) and the first refresh token (SC-100). */
async function firstTokens(exchange: Exchange, room: AuthRoom): Promise<Given> {
  const grant = settled(exchange.grant, 'grant');
  const { special } = grant.scopes;
  const refreshes = special.includes('offline_access') || special.includes('online_access');
  const [given, idToken, refreshToken] = await Promise.all([
    accessToken(exchange, grant, grant.scopes, room),
    special.includes('openid') ? signIdToken(grant, room) : undefined,
    refreshes ? room.refreshTokens.issue(grant) : undefined,
  ]);
  if (idToken !== undefined) given.body.id_token = idToken;
  if (refreshToken !== undefined) given.body.refresh_token = refreshToken;
  return given;
}

/** For a refresh token: SC-101. The next one stands for the whole grant, however narrow this access token is. */
async function nextTokens(exchange: Exchange, room: AuthRoom): Promise<Given> {
  const { grant } = settled(exchange.refresh, 'refresh');
  const given = await accessToken(exchange, grant, settled(exchange.scopes, 'scopes'), room);
  given.body.refresh_token = settled(exchange.nextRefresh, 'nextRefresh');
  return given;
}

async function accessToken(exchange: Exchange, grant: Granted, scopes: ScopeSet, room: AuthRoom): Promise<Given> {
  const { clientId, fhirUser, patientId, grantId } = grant;
  const lifeSeconds = limits.auth.accessTokenSeconds;
  const given = { clientId, scopes, lifeSeconds, fhirUser, patientId, grantId, purposes: purposesOf(exchange) };
  const { token, tokenId } = await room.tokens.issue(given);
  return { body: { ...bodyOf(token, lifeSeconds, scopes), ...(await contextKeys(grant, scopes, room)) }, tokenId };
}

function bodyOf(token: string, lifeSeconds: number, scopes: ScopeSet): Record<string, unknown> {
  return { access_token: token, token_type: 'Bearer', expires_in: lifeSeconds, scope: formatScopes(scopes) };
}
