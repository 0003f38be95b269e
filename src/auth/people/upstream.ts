import type { RequestHandler, Response } from 'express';
import * as oidc from 'openid-client';
import type { GuardedFetch } from '../../base/guarded-fetch.ts';
import type { Jwk } from '../../base/jwt.ts';
import { limits } from '../../base/limits.ts';
import { pageParameters, pageUrl } from '../consent/visit.ts';
import type { LaunchRoom } from '../ehr-launch/launch-room.ts';
import { challengeOf, type Login, nonceOf, verifierOf } from '../ehr-launch/logins.ts';
import { sendPage } from '../page.ts';
import { queryText } from '../parameters.ts';
import { wordsOf } from '../words/language.ts';
import type { Provider } from './providers.ts';
import { afterSignIn, goTo, startSession, wayBack } from './signed-in.ts';

/** GET /auth/upstream/<provider>: to the hospital's own sign-on (OpenID Connect, code flow with PKCE, state and nonce). */
export function upstreamEndpoint(room: LaunchRoom): RequestHandler {
  return async (request, response) => {
    const provider = await room.providers.find(String(request.params.provider));
    if (!provider?.active) return sendFailed(response, room, 'provider unknown');
    const login = await room.providers.start(provider.id, wayBack(pageParameters(request)));
    const url = await within(provider, room, async (configuration) =>
      oidc.buildAuthorizationUrl(configuration, {
        redirect_uri: pageUrl(room, 'upstream/callback'),
        scope: 'openid',
        state: login.state,
        nonce: nonceOf(login),
        code_challenge: challengeOf(login),
        code_challenge_method: 'S256',
      }),
    );
    if (!url) return sendFailed(response, room, 'provider away');
    room.cookies.set(response, 'upstream', login.cookie, limits.people.stepSeconds);
    goTo(response, url.href);
  };
}

/**
 * GET /auth/upstream/callback: the hospital has answered. The person is whoever has been linked to the subject; nobody is let in, or given an
 * account, because the hospital knows them.
 */
export function upstreamCallback(room: LaunchRoom): RequestHandler {
  return async (request, response) => {
    const state = pageParameters(request).one('state');
    const cookie = room.cookies.read(request, 'upstream');
    const login = state === undefined || cookie === undefined ? undefined : { state, cookie };
    const pending = login && (await room.providers.take(login));
    room.cookies.clear(response, 'upstream');
    const provider = pending && (await room.providers.find(pending.providerId));
    if (!login || !pending || !provider?.active) return sendFailed(response, room, 'state unknown, used or expired');
    const subject = await subjectFrom(queryText(request.originalUrl), { provider, login, room });
    if (subject === undefined) return sendFailed(response, room, 'the answer is not good');
    const accountId = await room.providers.accountOf(provider.id, subject);
    if (accountId === undefined) {
      const { strangerTitle: title, unlinked: text } = wordsOf(response).errors;
      return sendPage(response, { status: 403, title, text });
    }
    if (await startSession(request, response, { accountId, by: 'provider', room }))
      goTo(response, afterSignIn(room, pending.transactionId));
  };
}

/** The linked claim of a verified id_token; undefined for whatever is wrong with the answer. */
function subjectFrom(
  query: string,
  { provider, login, room }: { provider: Provider; login: Login; room: LaunchRoom },
): Promise<string | undefined> {
  const callback = new URL(`${pageUrl(room, 'upstream/callback')}?${query}`);
  const checks = { expectedState: login.state, expectedNonce: nonceOf(login), idTokenExpected: true };
  return within(provider, room, async (configuration) => {
    const given = { ...checks, pkceCodeVerifier: verifierOf(login) };
    const tokens = await oidc.authorizationCodeGrant(configuration, callback, given);
    const claim = tokens.claims()?.[provider.claim];
    return typeof claim === 'string' && claim !== '' ? claim : undefined;
  });
}

/**
 * Works with what the provider says of itself, read for each sign-in: there are few, and its keys change. Undefined for whatever goes wrong
 * on the way.
 */
async function within<T>(
  provider: Provider,
  room: LaunchRoom,
  work: (configuration: oidc.Configuration) => Promise<T>,
): Promise<T | undefined> {
  const guarded = room.providerFetch(new URL(provider.issuer).origin);
  const authentication =
    provider.clientSecret === undefined
      ? oidc.PrivateKeyJwt({ key: await signingKey(room.clientKey), kid: room.clientKey.kid ?? '' })
      : oidc.ClientSecretPost(provider.clientSecret);
  // The guarded transport lets http through to this machine only.
  const insecure = provider.issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [];
  try {
    const configuration = await oidc.discovery(new URL(provider.issuer), provider.clientId, {}, authentication, {
      [oidc.customFetch]: throughGuard(guarded),
      execute: [oidc.enableNonRepudiationChecks, ...insecure],
    });
    return await work(configuration);
  } catch (fault) {
    room.log.info({ code: codeOf(fault), provider: provider.id }, 'upstream sign-in refused');
    return undefined;
  } finally {
    await guarded.close();
  }
}

function signingKey(jwk: Jwk): Promise<CryptoKey> {
  const { crv, kty, x, y, d } = jwk;
  const key: JsonWebKey = JSON.parse(JSON.stringify({ crv, kty, x, y, d }));
  return crypto.subtle.importKey('jwk', key, { name: 'ECDSA', namedCurve: 'P-384' }, false, ['sign']);
}

/** The library's requests by our one way out: resolved and checked addresses, no redirects, bounded (TH-01). */
function throughGuard(guarded: GuardedFetch): oidc.CustomFetch {
  return async (url, { method, headers, body }) => {
    const text = body === undefined || body === null ? undefined : String(body);
    const answer = await guarded(url, {
      method: method === 'POST' ? 'POST' : 'GET',
      headers,
      totalMs: limits.jwks.fetchMs,
      maxBytes: limits.jwks.bytes,
      ...(text !== undefined && { body: text }),
    });
    if (answer.ok) {
      const type = answer.value.header('content-type') ?? 'application/json';
      return new globalThis.Response(answer.value.body, {
        status: answer.value.status,
        headers: { 'content-type': type },
      });
    }
    if (answer.error.class !== 'http') throw new Error(answer.error.text);
    const headersOf = { 'content-type': 'application/json' };
    return new globalThis.Response(answer.error.body ?? '', { status: answer.error.status ?? 502, headers: headersOf });
  };
}

function codeOf(fault: unknown): string {
  return typeof fault === 'object' && fault !== null && 'code' in fault ? String(fault.code) : 'fault';
}

function sendFailed(response: Response, room: LaunchRoom, reason: string): void {
  room.log.info({ reason }, 'upstream sign-in ended');
  const { upstreamTitle: title, upstream: text } = wordsOf(response).errors;
  sendPage(response, { status: 400, title, text });
}
