import {
  type Algorithm,
  importPublicKey,
  type Jwk,
  type JwtClaims,
  type JwtHeader,
  keyFits,
  peekJwt,
  verifyJwt,
} from '../../base/jwt.ts';
import { limits } from '../../base/limits.ts';
import type { Refusal } from '../refusal.ts';
import { refuseClient } from '../refusal.ts';
import type { AuthRoom } from '../room.ts';
import type { Client } from '../types.ts';
import type { Check, Exchange } from './exchange.ts';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const algorithms: readonly Algorithm[] = ['RS384', 'ES384'];

/**
 * private_key_jwt (SC-130 to SC-136; SMART App Launch 2.2, "Client authentication: asymmetric"), wherever a client with keys
 * authenticates. Its audience is the token endpoint, at the other endpoints too. The jti is spent last, once the signature is known to
 * be the client's.
 */
export const checkClientAssertion: Check = async (exchange, room) => {
  const { parameters } = exchange;
  const assertion = parameters.one('client_assertion');
  const type = parameters.one('client_assertion_type');
  if (exchange.client || (assertion === undefined && type === undefined)) return undefined;
  if (assertion === undefined || type !== assertionType) return refuseClient('assertion type');
  const token = peekJwt(assertion);
  if (!token) return refuseClient('assertion malformed');
  const client = await clientOf(token.claims, exchange, room);
  if (!client) return refuseClient('assertion client');
  const key = await keyOf(client, token.header, room);
  if (!key) return refuseClient('assertion key');
  return (await verifyAssertion(assertion, client, key, room)) ?? accept(exchange, client);
};

function accept(exchange: Exchange, client: Client): undefined {
  exchange.client = client;
  return undefined;
}

/** iss and sub name the client, and so does client_id where it is sent (SC-132). */
async function clientOf(claims: JwtClaims, exchange: Exchange, room: AuthRoom): Promise<Client | undefined> {
  const { iss, sub } = claims;
  const clientId = exchange.parameters.one('client_id');
  if (typeof iss !== 'string' || iss !== sub || (clientId !== undefined && clientId !== iss)) return undefined;
  const client = await room.clients.find(iss);
  return client?.active && client.type === 'asymmetric' ? client : undefined;
}

/**
 * SC-133: a jku must be the registered URL to the letter; keys inside the token (`jwk`, `x5c`) are never looked at; exactly one key
 * must have the kid and fit the algorithm.
 */
async function keyOf(client: Client, header: JwtHeader, room: AuthRoom): Promise<Jwk | undefined> {
  const algorithm = algorithms.find((name) => name === header.alg);
  if (!algorithm || !header.kid || header.typ?.toUpperCase() !== 'JWT') return undefined;
  if (header.jku !== undefined && header.jku !== client.jwksUrl) return undefined;
  const named = (await room.clientKeys.of(client, header.kid)).filter((key) => key.kid === header.kid);
  const fitting = named.filter((key) => keyFits(key, algorithm));
  return fitting.length === 1 ? fitting[0] : undefined;
}

async function verifyAssertion(
  assertion: string,
  client: Client,
  jwk: Jwk,
  room: AuthRoom,
): Promise<Refusal | undefined> {
  const key = importPublicKey(jwk);
  if (!key.ok) return refuseClient('assertion key unusable');
  const now = room.clock.now();
  const verified = verifyJwt(assertion, {
    key: key.value,
    algorithms,
    audience: room.tokenUrl,
    now,
    skewSeconds: limits.auth.clockSkewSeconds,
  });
  if (!verified.ok) return refuseClient('assertion signature, audience or time');
  const { exp, iat, jti } = verified.value;
  const nowSeconds = Math.floor(now.getTime() / 1000);
  const latest = nowSeconds + limits.auth.assertionSeconds + limits.auth.expiryLeewaySeconds;
  if (typeof exp !== 'number' || exp > latest) return refuseClient('assertion lives too long');
  const sane = iat === undefined || (typeof iat === 'number' && iat <= nowSeconds + limits.auth.clockSkewSeconds);
  if (!sane) return refuseClient('assertion iat');
  if (typeof jti !== 'string' || jti === '' || jti.length > 256) return refuseClient('assertion jti');
  const fresh = await room.assertions.spend(client.id, jti, new Date(exp * 1000));
  return fresh ? undefined : refuseClient('assertion replayed');
}
