import type { ParsedScopes } from '../access/scopes.ts';
import { isLoopbackHost } from '../base/addresses.ts';
import { importPublicKey, type Jwk, keyFits, parseJwks } from '../base/jwt.ts';
import { limits } from '../base/limits.ts';
import type { NewClient } from './types.ts';

/** What is wrong with a registration, as one sentence; undefined when nothing is. Source: SC-137, SC-138. */
export function checkRegistration(client: NewClient, scopes: ParsedScopes): string | undefined {
  return (
    checkNames(client) ??
    checkScopes(client, scopes) ??
    first(client.redirectUris, (uri) => checkRedirect(uri, client.native ?? false)) ??
    first(client.launchUrls, checkAddress) ??
    first(client.origins, checkOrigin) ??
    (client.logoUrl === undefined ? undefined : checkAddress(client.logoUrl)) ??
    checkRights(client) ??
    checkKeys(client)
  );
}

function first(texts: readonly string[] = [], check: (text: string) => string | undefined): string | undefined {
  if (texts.length > limits.auth.registeredUrls)
    return `A client has at most ${limits.auth.registeredUrls} of each kind of URL.`;
  return texts.map(check).find((problem) => problem !== undefined);
}

/** The ids of persons in our tokens (`sub`) are version 5 UUIDs: no client may have one (TH-10). */
const subjectShape = /^[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/i;

function checkNames(client: NewClient): string | undefined {
  // Shown to people and written to lists: one line.
  if (!isLine(client.name, 200)) return 'A client needs a name of one line and at most 200 characters.';
  if (client.id !== undefined && (!/^[\w.-]{1,128}$/.test(client.id) || subjectShape.test(client.id)))
    return 'The client id has characters or a form that are not allowed.';
  const lines = [...(client.contacts ?? []), ...(client.tenant === undefined ? [] : [client.tenant])];
  if (!lines.every((line) => isLine(line, 200))) return 'Contacts and tenant are lines of at most 200 characters.';
  if (!(client.purposes ?? []).every(isPurpose))
    return 'A purpose is a code of v3-PurposeOfUse, such as TREAT, and none of an emergency: that is for one person and one patient.';
  const codes = client.stateCodes ?? [];
  return codes.every((code) => /^[^\s|]{1,200}\|[^\s|]{1,200}$/.test(code))
    ? undefined
    : 'A state code is written system|code.';
}

/** Emergency access has a reason, an end and a review of its own. */
function isPurpose(code: string): boolean {
  return /^[A-Z]{3,16}$/.test(code) && code !== 'BTG' && code !== 'ETREAT';
}

function isLine(text: string, length: number): boolean {
  return text.trim() !== '' && text.length <= length && !/\p{Cc}/u.test(text);
}

/** An app that only wants to know who is there needs no resource scope. */
function checkScopes(client: NewClient, scopes: ParsedScopes): string | undefined {
  if (scopes.unknown.length > 0) return `These scopes are not known here: ${scopes.unknown.slice(0, 5).join(' ')}`;
  const signsIn = scopes.special.includes('openid') && (client.redirectUris ?? []).length > 0;
  return scopes.resource.length > 0 || signsIn
    ? undefined
    : 'A client needs at least one resource scope, e.g. system/Patient.rs.';
}

/** RFC 8252: a native app may be called back by a scheme in reverse domain form, which nobody else's app has by accident. */
function checkRedirect(uri: string, native: boolean): string | undefined {
  return native && /^[a-z][a-z\d-]*(\.[a-z\d-]+)+:\/[\w./~%-]*$/.test(uri) ? undefined : checkAddress(uri);
}

/** Redirect and launch URLs: https, or http on this machine; no fragment and nobody's name in it. */
function checkAddress(uri: string): string | undefined {
  if (!URL.canParse(uri)) return 'A redirect, launch, key or logo URL is not an absolute URL.';
  const url = new URL(uri);
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
  if (!secure) return 'Redirect, launch, key and logo URLs must use https (http only on this machine).';
  if (uri.includes('#') || url.username !== '' || url.password !== '')
    return 'Redirect, launch, key and logo URLs have no fragment and no user.';
  return undefined;
}

function checkOrigin(origin: string): string | undefined {
  if (checkAddress(origin) === undefined && new URL(origin).origin === origin) return undefined;
  return 'An origin is https, a host and perhaps a port, e.g. https://app.example.org.';
}

function checkRights(client: NewClient): string | undefined {
  if (client.type !== 'public') return undefined;
  // Whoever knows its name can be it.
  if (client.introspects || client.admin)
    return 'A public client has neither the right to introspect nor to administer.';
  return (client.redirectUris ?? []).length === 0 ? 'A public client needs a redirect URL.' : undefined;
}

function checkKeys(client: NewClient): string | undefined {
  if (client.type !== 'asymmetric') {
    const none = client.jwks === undefined && client.jwksUrl === undefined;
    return none ? undefined : 'A public or symmetric client has no keys.';
  }
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
