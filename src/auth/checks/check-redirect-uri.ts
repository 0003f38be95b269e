import { refuse, refuseCode } from '../refusal.ts';
import { type Check, settled } from './exchange.ts';

/**
 * SC-031, TH-05: the redirect URI is compared as text, character for character, with the registered ones. No prefix, no
 * wildcard, no normalization. At the token endpoint it must be the one the code was made for. The port of a loopback address is free for an
 * app on a person's device, which gets whatever port is free there (RFC 8252, 7.3).
 */
export const checkRedirectUri: Check = (exchange) => {
  const uri = exchange.parameters.one('redirect_uri');
  if (exchange.endpoint === 'code') {
    return uri === settled(exchange.grant, 'grant').redirectUri ? undefined : refuseCode('redirect_uri');
  }
  const { redirectUris, native } = settled(exchange.client, 'client');
  const fits = (registered: string) =>
    registered === uri || (native && uri !== undefined && samePlace(registered, uri));
  if (uri === undefined || !redirectUris.some(fits)) {
    return refuse('invalid_request', 'The address the app wants to return to is not registered.', 'redirect_uri');
  }
  exchange.redirectUri = uri;
  return undefined;
};

const loopback = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]))(?::\d{1,5})?(\/[^#]*)?$/;

/** The same loopback address (never a name) and path, whatever the port. */
function samePlace(registered: string, uri: string): boolean {
  const [ours, theirs] = [loopback.exec(registered), loopback.exec(uri)];
  return ours !== null && theirs !== null && URL.canParse(uri) && ours[1] === theirs[1] && ours[2] === theirs[2];
}
