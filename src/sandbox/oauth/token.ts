import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, Response } from 'express';
import { limits } from '../../base/limits.ts';
import type { AppClient, Hospital } from '../hospital.ts';
import { clientByAssertion } from './client-assertion.ts';
import type { ClientKeys } from './client-keys.ts';
import type { PendingCode } from './grants.ts';
import { grantable } from './scopes.ts';

type TokenAnswer = { status: 200; body: object } | { status: 400 | 401; error: string };

const invalidClient: TokenAnswer = { status: 401, error: 'invalid_client' };

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** SMART Backend Services, client_credentials. */
function forBackend(hospital: Hospital, client: AppClient, form: URLSearchParams): TokenAnswer {
  const scopes = grantable(form.get('scope') ?? '', client.scopes, ['system']).filter((scope) => scope.includes('/'));
  if (scopes.length === 0) return { status: 400, error: 'invalid_scope' };
  const { accessToken, expiresIn } = hospital.grants.issueToken({ clientId: client.id, scopes });
  const body = { access_token: accessToken, token_type: 'bearer', expires_in: expiresIn, scope: scopes.join(' ') };
  return { status: 200, body };
}

function idToken(hospital: Hospital, pending: PendingCode): string {
  const now = Math.floor(hospital.clock.now().getTime() / 1000);
  const fhirUser = `${hospital.base}/Practitioner/${pending.practitioner}`;
  return hospital.keys.signIdToken({
    iss: hospital.base,
    sub: String(pending.practitioner),
    aud: pending.clientId,
    iat: now,
    exp: now + limits.auth.assertionSeconds,
    ...(pending.scopes.includes('fhirUser') && { fhirUser }),
    ...(pending.nonce !== undefined && { nonce: pending.nonce }),
  });
}

/** The code of an EHR launch, with PKCE (RFC 7636) and the launch context of SMART App Launch. */
function forCode(hospital: Hospital, client: AppClient, form: URLSearchParams): TokenAnswer {
  const pending = hospital.grants.takeCode(form.get('code') ?? '');
  const proof = sha256(form.get('code_verifier') ?? '').toString('base64url');
  const bound =
    pending !== undefined &&
    pending.clientId === client.id &&
    pending.redirectUri === form.get('redirect_uri') &&
    timingSafeEqual(sha256(proof), sha256(pending.codeChallenge));
  if (!bound) return { status: 400, error: 'invalid_grant' };
  const { clientId, scopes, patient, practitioner } = pending;
  const { accessToken, expiresIn } = hospital.grants.issueToken({ clientId, scopes, patient, practitioner });
  const body = {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: expiresIn,
    scope: scopes.join(' '),
    patient,
    // The chart gives the whole window to the app, so its own banner is gone (SMART App Launch 2.2, launch context).
    need_patient_banner: true,
    ...(scopes.includes('fhirUser') && { fhirUser: `${hospital.base}/Practitioner/${practitioner}` }),
    ...(scopes.includes('openid') && { id_token: idToken(hospital, pending) }),
  };
  return { status: 200, body };
}

async function answerFor(hospital: Hospital, form: URLSearchParams, clientKeys: ClientKeys): Promise<TokenAnswer> {
  if ([...form.keys()].some((name) => form.getAll(name).length > 1)) return { status: 400, error: 'invalid_request' };
  const grantType = form.get('grant_type');
  if (grantType !== 'client_credentials' && grantType !== 'authorization_code') {
    return { status: 400, error: 'unsupported_grant_type' };
  }
  const proven = form.has('client_assertion') ? await clientByAssertion(hospital, form, clientKeys) : undefined;
  if (grantType === 'client_credentials') return proven ? forBackend(hospital, proven, form) : invalidClient;
  const named = hospital.clients.get(form.get('client_id') ?? '');
  // A client registered with keys must prove that it holds them; one without keys is public and relies on PKCE.
  const client = proven ?? (named && !named.jwks && !form.has('client_assertion') ? named : undefined);
  return client ? forCode(hospital, client, form) : invalidClient;
}

/** The token endpoint: form-encoded POST only; errors as RFC 6749 has them, never with a reason for a failed assertion. */
export async function token(
  hospital: Hospital,
  clientKeys: ClientKeys,
  request: Request,
  response: Response,
): Promise<void> {
  response.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
  if (!request.is('application/x-www-form-urlencoded') || typeof request.body !== 'string') {
    response.status(400).json({ error: 'invalid_request', error_description: 'Send a form.' });
    return;
  }
  const answer = await answerFor(hospital, new URLSearchParams(request.body), clientKeys);
  response.status(answer.status).json(answer.status === 200 ? answer.body : { error: answer.error });
}
