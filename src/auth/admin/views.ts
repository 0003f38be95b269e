import type { GrantSummary } from '../grants.ts';
import type { SigningKey } from '../key-rotation.ts';
import type { Client } from '../types.ts';
import type { AdminRequest } from './requests.ts';

/** A client as administrators see it, in the words of RFC 7591 where it has them. Never a secret. */
export function clientView(client: Client): object {
  return {
    client_id: client.id,
    name: client.name,
    type: client.type,
    active: client.active,
    scope: client.scopes,
    redirect_uris: client.redirectUris,
    launch_urls: client.launchUrls,
    origins: client.origins,
    ...(client.jwks && { jwks: { keys: client.jwks } }),
    jwks_uri: client.jwksUrl,
    logo_uri: client.logoUrl,
    contacts: client.contacts,
    tenant: client.tenant,
    state_codes: client.stateCodes,
    native: client.native,
    introspects: client.introspects,
    admin: client.admin,
    purposes: client.purposes,
    first_party: client.firstParty,
  };
}

export function keyView(key: SigningKey): object {
  return {
    kid: key.kid,
    state: key.state,
    created_at: key.createdAt.toISOString(),
    signs_from: key.signsFrom.toISOString(),
    retired_at: key.retiredAt?.toISOString(),
    gone_at: key.goneAt?.toISOString(),
  };
}

/** What waits for a second person: all that would be done. */
export function requestView(request: AdminRequest): object {
  return {
    request: request.id,
    route: request.route,
    target: request.target || undefined,
    body: request.body,
    client_id: request.clientId,
    user: request.fhirUser,
    created_at: request.createdAt.toISOString(),
    expires_at: request.expiresAt.toISOString(),
  };
}

export function grantView(grant: GrantSummary): object {
  return {
    id: grant.id,
    client_id: grant.clientId,
    client_name: grant.clientName,
    user: grant.fhirUser,
    patient: grant.patientId,
    scope: grant.scopes,
    refresh: grant.refresh,
    created_at: grant.createdAt.toISOString(),
    last_used_at: grant.lastUsedAt.toISOString(),
    expires_at: grant.expiresAt.toISOString(),
  };
}
