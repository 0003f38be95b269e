/** Why an OAuth request is refused. Source: RFC 6749, sections 4.1.2.1 and 5.2; OpenID Connect Core, 3.1.2.6. */
export interface Refusal {
  error:
    | 'invalid_request'
    | 'invalid_client'
    | 'invalid_grant'
    | 'unauthorized_client'
    | 'unsupported_grant_type'
    | 'unsupported_response_type'
    | 'invalid_scope'
    | 'access_denied'
    | 'temporarily_unavailable'
    | 'server_error'
    | 'login_required'
    | 'consent_required'
    | 'interaction_required';
  /** For the client's developer: names of parameters, never their values. */
  description: string;
  /** For our log only. */
  reason: string;
}

export function refuse(error: Refusal['error'], description: string, reason: string = error): Refusal {
  return { error, description, reason };
}

/** SC-136: one answer for whatever was wrong with a client's authentication, so that nothing can be probed. */
export function refuseClient(reason: string): Refusal {
  return refuse('invalid_client', 'The client could not be authenticated.', reason);
}

/** One answer for whatever was wrong with a code: unknown, used, expired, another client's. */
export function refuseCode(reason: string): Refusal {
  return refuse('invalid_grant', 'The authorization code is not valid.', reason);
}

/** SC-103: one answer for whatever was wrong with a refresh token. */
export function refuseRefresh(reason: string): Refusal {
  return refuse('invalid_grant', 'The refresh token is not valid.', reason);
}
