import type { Request, Response } from 'express';
import { html } from '../chart/html.ts';
import { sendPage } from '../chart/page.ts';
import type { AppClient, Hospital } from '../hospital.ts';
import { grantable } from './scopes.ts';

interface AuthorizeError {
  error: string;
  description: string;
}

const single = [
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'aud',
  'launch',
  'code_challenge',
  'code_challenge_method',
];

/** Requests that may be answered by a redirect, but not with a code. Checked in this order. */
function problemWith(hospital: Hospital, asked: URLSearchParams): AuthorizeError | undefined {
  const invalid = (description: string) => ({ error: 'invalid_request', description });
  if (single.some((name) => asked.getAll(name).length > 1)) return invalid('A parameter is given twice.');
  if (asked.get('response_type') !== 'code') {
    return { error: 'unsupported_response_type', description: 'Only response_type code is supported.' };
  }
  if (!asked.get('state')) return invalid('state is required.');
  if (asked.get('aud')?.replace(/\/$/, '') !== hospital.base)
    return invalid('aud must be the FHIR base of this hospital.');
  if (asked.get('code_challenge_method') !== 'S256' || !/^[\w-]{43}$/.test(asked.get('code_challenge') ?? '')) {
    return invalid('PKCE with S256 is required.');
  }
  if (!asked.get('launch') || !asked.get('scope')?.split(' ').includes('launch')) {
    return invalid('Apps start from a chart here: launch and its scope are required.');
  }
  return undefined;
}

/** What the app is told by the redirect: a code, or an error. */
function answerFor(hospital: Hospital, client: AppClient, asked: URLSearchParams): Record<string, string> {
  const problem = problemWith(hospital, asked);
  if (problem) return { error: problem.error, error_description: problem.description };
  const launch = hospital.grants.takeLaunch(asked.get('launch') ?? '');
  if (!launch || launch.clientId !== client.id) {
    return { error: 'invalid_request', error_description: 'The launch is unknown, used or expired.' };
  }
  const scopes = grantable(asked.get('scope') ?? '', client.scopes, ['patient', 'user']);
  if (scopes.length === 0) return { error: 'invalid_scope', error_description: 'None of the scopes can be granted.' };
  const nonce = asked.get('nonce');
  const code = hospital.grants.issueCode({
    clientId: client.id,
    scopes,
    patient: launch.patient,
    practitioner: launch.practitioner,
    redirectUri: asked.get('redirect_uri') ?? '',
    codeChallenge: asked.get('code_challenge') ?? '',
    ...(nonce !== null && { nonce }),
  });
  return { code, iss: hospital.base };
}

/** The authorization endpoint. An unknown client or redirect_uri gets a page, never a redirect. */
export function authorize(hospital: Hospital, request: Request, response: Response): void {
  const asked = new URL(request.originalUrl, hospital.base).searchParams;
  if (request.method === 'POST' && typeof request.body === 'string') {
    for (const [name, value] of new URLSearchParams(request.body)) asked.append(name, value);
  }
  const client =
    asked.getAll('client_id').length === 1 ? hospital.clients.get(asked.get('client_id') ?? '') : undefined;
  const uris = asked.getAll('redirect_uri');
  if (!client || uris.length !== 1 || !client.redirectUris.includes(uris[0] ?? '')) {
    const body = html`<p>The application is not registered here, or wants to return to an address that is not registered.</p>`;
    sendPage(response, 400, { hospital, title: 'Cannot open the application', body });
  } else {
    const target = new URL(asked.get('redirect_uri') ?? '');
    const state = asked.get('state');
    const answer = { ...answerFor(hospital, client, asked), ...(state && { state }) };
    for (const [name, value] of Object.entries(answer)) target.searchParams.set(name, value);
    response.redirect(302, target.href);
  }
}
