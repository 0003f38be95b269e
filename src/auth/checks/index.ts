import type { Refusal } from '../refusal.ts';
import type { AuthRoom } from '../room.ts';
import { checkAudience } from './check-audience.ts';
import { checkAuthenticated } from './check-authenticated.ts';
import { checkBackendClient } from './check-backend-client.ts';
import { checkBearerClient } from './check-bearer-client.ts';
import { checkClient } from './check-client.ts';
import { checkClientAssertion } from './check-client-assertion.ts';
import { checkClientMethods } from './check-client-methods.ts';
import { checkClientSecret } from './check-client-secret.ts';
import { checkCode } from './check-code.ts';
import { checkGrantHolds } from './check-grant-holds.ts';
import { checkLaunch } from './check-launch.ts';
import { checkMaxAge } from './check-max-age.ts';
import { checkNarrowedScope } from './check-narrowed-scope.ts';
import { checkPkce } from './check-pkce.ts';
import { checkPublicClient } from './check-public-client.ts';
import { checkPurpose } from './check-purpose.ts';
import { checkRedirectUri } from './check-redirect-uri.ts';
import { checkRefreshToken } from './check-refresh-token.ts';
import { checkRepeatedParameters } from './check-repeated-parameters.ts';
import { checkResponseType } from './check-response-type.ts';
import { checkRotation } from './check-rotation.ts';
import { checkScope } from './check-scope.ts';
import { checkSession } from './check-session.ts';
import { checkState } from './check-state.ts';
import { checkTokenParameter } from './check-token-parameter.ts';
import type { Check, Endpoint, Exchange } from './exchange.ts';

interface Row {
  check: Check;
  at: readonly Endpoint[];
}

/**
 * Every rule an authorization request must pass, in order, and the endpoints it holds for. `authorize` is the browser's request;
 * `code`, `refresh` and `backend` are the token endpoint's three grants. The order matters: until client and redirect URI are trusted,
 * `authorize` must not redirect; who the client is comes before what it asks for; what can be used up comes last.
 */
export const checks: readonly Row[] = [
  { check: checkClient, at: ['authorize'] },
  { check: checkRedirectUri, at: ['authorize'] },
  { check: checkRepeatedParameters, at: ['authorize', 'code', 'refresh', 'backend', 'revoke', 'introspect'] },
  { check: checkResponseType, at: ['authorize'] },
  { check: checkState, at: ['authorize'] },
  { check: checkPkce, at: ['authorize'] },
  { check: checkAudience, at: ['authorize'] },
  { check: checkMaxAge, at: ['authorize'] },
  { check: checkClientMethods, at: ['code', 'refresh', 'backend', 'revoke', 'introspect'] },
  { check: checkBearerClient, at: ['introspect'] },
  { check: checkClientAssertion, at: ['code', 'refresh', 'backend', 'revoke', 'introspect'] },
  { check: checkClientSecret, at: ['code', 'refresh', 'backend', 'revoke', 'introspect'] },
  { check: checkPublicClient, at: ['code', 'refresh', 'revoke'] },
  { check: checkAuthenticated, at: ['code', 'refresh', 'backend', 'revoke', 'introspect'] },
  { check: checkPurpose, at: ['code', 'refresh', 'backend'] },
  { check: checkBackendClient, at: ['backend'] },
  { check: checkScope, at: ['authorize', 'backend'] },
  { check: checkLaunch, at: ['authorize'] },
  { check: checkSession, at: ['authorize'] },
  { check: checkCode, at: ['code'] },
  { check: checkRedirectUri, at: ['code'] },
  { check: checkPkce, at: ['code'] },
  { check: checkRefreshToken, at: ['refresh'] },
  { check: checkGrantHolds, at: ['refresh'] },
  { check: checkNarrowedScope, at: ['refresh'] },
  { check: checkRotation, at: ['refresh'] },
  { check: checkTokenParameter, at: ['revoke', 'introspect'] },
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
