import { specialScopes } from './special-scopes.ts';
import { grantTypes } from './token.ts';
import { languages } from './words/language.ts';

/**
 * `.well-known/smart-configuration` (SC-002 to SC-009): only what works here is listed. `more`: what other rooms publish about themselves.
 */
export function smartConfiguration(publicUrl: string, more: object = {}): object {
  return {
    issuer: publicUrl,
    jwks_uri: `${publicUrl}/.well-known/jwks.json`,
    authorization_endpoint: `${publicUrl}/auth/authorize`,
    token_endpoint: `${publicUrl}/auth/token`,
    management_endpoint: `${publicUrl}/auth/manage`,
    ...tokenParts(publicUrl),
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    scopes_supported: [...specialScopes, 'patient/*.rs', 'user/*.cruds', 'system/*.cruds'],
    capabilities: [
      'launch-ehr',
      'launch-standalone',
      'authorize-post',
      'client-public',
      'client-confidential-symmetric',
      'client-confidential-asymmetric',
      'sso-openid-connect',
      'context-banner',
      'context-style',
      'context-ehr-patient',
      'context-ehr-encounter',
      'context-standalone-patient',
      'context-standalone-encounter',
      'permission-offline',
      'permission-online',
      'permission-patient',
      'permission-user',
      'permission-v1',
      'permission-v2',
    ],
    // SC-170: apart from the clinical Basic resources of the FHIR base.
    associated_endpoints: [{ url: `${publicUrl}/app-state`, capabilities: ['smart-app-state'] }],
    ...more,
  };
}

/** OpenID discovery (SC-013). */
export function openidConfiguration(publicUrl: string): object {
  return {
    issuer: publicUrl,
    authorization_endpoint: `${publicUrl}/auth/authorize`,
    token_endpoint: `${publicUrl}/auth/token`,
    jwks_uri: `${publicUrl}/.well-known/jwks.json`,
    response_types_supported: ['code'],
    ui_locales_supported: languages,
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    ...tokenParts(publicUrl),
    scopes_supported: ['openid', 'fhirUser', 'offline_access', 'online_access'],
    code_challenge_methods_supported: ['S256'],
  };
}

/** What both documents say of the endpoints that clients call themselves. */
function tokenParts(publicUrl: string): object {
  return {
    revocation_endpoint: `${publicUrl}/auth/revoke`,
    introspection_endpoint: `${publicUrl}/auth/introspect`,
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    grant_types_supported: grantTypes,
  };
}
