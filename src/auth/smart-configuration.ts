/**
 * `.well-known/smart-configuration` (SC-002 to SC-009) and OpenID discovery (SC-013): only what works here is listed.
 */
export function smartConfiguration(publicUrl: string): object {
  return {
    issuer: publicUrl,
    jwks_uri: `${publicUrl}/.well-known/jwks.json`,
    authorization_endpoint: `${publicUrl}/auth/authorize`,
    token_endpoint: `${publicUrl}/auth/token`,
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    grant_types_supported: ['authorization_code', 'client_credentials'],
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    scopes_supported: ['launch', 'openid', 'fhirUser', 'patient/*.rs', 'user/*.cruds', 'system/*.cruds'],
    capabilities: [
      'launch-ehr',
      'authorize-post',
      'client-public',
      'client-confidential-asymmetric',
      'sso-openid-connect',
      'context-banner',
      'context-ehr-patient',
      'permission-patient',
      'permission-user',
      'permission-v1',
      'permission-v2',
    ],
  };
}

export function openidConfiguration(publicUrl: string): object {
  return {
    issuer: publicUrl,
    authorization_endpoint: `${publicUrl}/auth/authorize`,
    token_endpoint: `${publicUrl}/auth/token`,
    jwks_uri: `${publicUrl}/.well-known/jwks.json`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    scopes_supported: ['openid', 'fhirUser'],
    code_challenge_methods_supported: ['S256'],
  };
}
