import { refuse, refuseCode } from '../refusal.ts';
import { type Check, settled } from './exchange.ts';

/**
 * SC-031, TH-05: the redirect URI is compared as text, character for character, with the registered ones. No prefix, no
 * wildcard, no normalization. At the token endpoint it must be the one the code was made for.
 */
export const checkRedirectUri: Check = (exchange) => {
  const uri = exchange.parameters.one('redirect_uri');
  if (exchange.endpoint === 'code') {
    return uri === settled(exchange.grant, 'grant').redirectUri ? undefined : refuseCode('redirect_uri');
  }
  if (uri === undefined || !settled(exchange.client, 'client').redirectUris.includes(uri)) {
    return refuse('invalid_request', 'The address the app wants to return to is not registered.', 'redirect_uri');
  }
  exchange.redirectUri = uri;
  return undefined;
};
