import type { Refusal } from '../refusal.ts';
import type { AuthRoom } from '../room.ts';
import { checkAudience } from './check-audience.ts';
import { checkClient } from './check-client.ts';
import { checkClientAssertion } from './check-client-assertion.ts';
import { checkCode } from './check-code.ts';
import { checkConsent } from './check-consent.ts';
import { checkLaunch } from './check-launch.ts';
import { checkPkce } from './check-pkce.ts';
import { checkPublicClient } from './check-public-client.ts';
import { checkRedirectUri } from './check-redirect-uri.ts';
import { checkRepeatedParameters } from './check-repeated-parameters.ts';
import { checkResponseType } from './check-response-type.ts';
import { checkScope } from './check-scope.ts';
import { checkSession } from './check-session.ts';
import { checkState } from './check-state.ts';
import type { Check, Endpoint, Exchange } from './exchange.ts';

interface Row {
  check: Check;
  at: readonly Endpoint[];
}

/**
 * Every rule an authorization request must pass, in order, and the endpoints it holds for. `authorize` is the browser's request;
 * `code` and `backend` are the token endpoint's two grants. The order matters: until client and redirect URI are trusted,
 * `authorize` must not redirect; who the client is comes before what it asks for; what can be used up comes last.
 */
export const checks: readonly Row[] = [
  { check: checkClient, at: ['authorize'] },
  { check: checkRedirectUri, at: ['authorize'] },
  { check: checkRepeatedParameters, at: ['authorize', 'code', 'backend'] },
  { check: checkResponseType, at: ['authorize'] },
  { check: checkState, at: ['authorize'] },
  { check: checkPkce, at: ['authorize'] },
  { check: checkAudience, at: ['authorize'] },
  { check: checkClientAssertion, at: ['code', 'backend'] },
  { check: checkPublicClient, at: ['code'] },
  { check: checkScope, at: ['authorize', 'backend'] },
  { check: checkSession, at: ['authorize'] },
  { check: checkConsent, at: ['authorize'] },
  { check: checkLaunch, at: ['authorize'] },
  { check: checkCode, at: ['code'] },
  { check: checkRedirectUri, at: ['code'] },
  { check: checkPkce, at: ['code'] },
];

/** Takes the request through its column of the table. Answers with the first refusal, or nothing. */
export async function runChecks(exchange: Exchange, room: AuthRoom): Promise<Refusal | undefined> {
  for (const { check, at } of checks) {
    if (!at.includes(exchange.endpoint)) continue;
    const refusal = await check(exchange, room);
    if (refusal) return refusal;
  }
  return undefined;
}
