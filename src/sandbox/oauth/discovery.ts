import type { Hospital } from '../hospital.ts';

/** SMART App Launch 2.2, `.well-known/smart-configuration`: only what works here. */
export function smartConfiguration(hospital: Hospital): object {
  return {
    issuer: hospital.base,
    jwks_uri: `${hospital.root}/jwks.json`,
    authorization_endpoint: `${hospital.root}/oauth/authorize`,
    token_endpoint: `${hospital.root}/oauth/token`,
    grant_types_supported: ['authorization_code', 'client_credentials'],
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    scopes_supported: ['openid', 'fhirUser', 'launch', 'patient/*.rs', 'user/*.rs', 'system/*.cruds'],
    capabilities: [
      'launch-ehr',
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

/** OpenID Connect Discovery 1.0 for the same issuer. */
export function openidConfiguration(hospital: Hospital): object {
  return {
    issuer: hospital.base,
    authorization_endpoint: `${hospital.root}/oauth/authorize`,
    token_endpoint: `${hospital.root}/oauth/token`,
    jwks_uri: `${hospital.root}/jwks.json`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
}
