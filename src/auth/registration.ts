import type { ParsedScopes } from '../access/scopes.ts';
import { isLoopbackHost } from '../base/addresses.ts';
import { importPublicKey, type Jwk, keyFits, parseJwks } from '../base/jwt.ts';
import type { NewClient } from './types.ts';

/** What is wrong with a registration, as one sentence; undefined when nothing is. Source: SC-137, SC-138. */
export function checkRegistration(client: NewClient, scopes: ParsedScopes): string | undefined {
  if (client.name.trim() === '' || client.name.length > 200) return 'A client needs a name of at most 200 characters.';
  if (client.id !== undefined && !/^[\w.-]{1,128}$/.test(client.id))
    return 'The client id has characters that are not allowed.';
  if (scopes.unknown.length > 0) return `These scopes are not known here: ${scopes.unknown.slice(0, 5).join(' ')}`;
  if (scopes.resource.length === 0) return 'A client needs at least one resource scope, e.g. system/Patient.rs.';
  for (const uri of [...(client.redirectUris ?? []), ...(client.launchUrls ?? [])]) {
    const problem = checkAddress(uri);
    if (problem) return problem;
  }
  return client.type === 'public' ? checkPublic(client) : checkKeys(client);
}

/** Redirect and launch URLs: https, or http on this machine; no fragment and nobody's name in it. */
function checkAddress(uri: string): string | undefined {
  if (!URL.canParse(uri)) return 'A redirect or launch URL is not an absolute URL.';
  const url = new URL(uri);
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
  if (!secure) return 'Redirect and launch URLs must use https (http only on this machine).';
  if (uri.includes('#') || url.username !== '' || url.password !== '')
    return 'Redirect and launch URLs have no fragment and no user.';
  return undefined;
}

function checkPublic(client: NewClient): string | undefined {
  if (client.jwks !== undefined || client.jwksUrl !== undefined) return 'A public client has no keys.';
  return (client.redirectUris ?? []).length === 0 ? 'A public client needs a redirect URL.' : undefined;
}

function checkKeys(client: NewClient): string | undefined {
  if ((client.jwks === undefined) === (client.jwksUrl === undefined)) {
    return 'An asymmetric client needs either its public keys (JWKS) or the URL of them.';
  }
  if (client.jwksUrl !== undefined) return checkAddress(client.jwksUrl);
  const keys = parseJwks(client.jwks);
  if (!keys || keys.length === 0) return 'The JWKS is not a set of keys.';
  return keys.map(checkKey).find((problem) => problem !== undefined);
}

function checkKey(key: Jwk): string | undefined {
  if (!key.kid) return 'Every key of the JWKS needs a kid.';
  if (key.d !== undefined || key.k !== undefined) return 'The JWKS holds a private key. Register the public half only.';
  if (!keyFits(key, 'RS384') && !keyFits(key, 'ES384')) return 'Keys must be RSA (RS384) or EC P-384 (ES384).';
  return importPublicKey(key).ok ? undefined : 'A key of the JWKS cannot be read.';
}
