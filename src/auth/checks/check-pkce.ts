import { createHash } from 'node:crypto';
import { refuse, refuseCode } from '../refusal.ts';
import { equalSecrets } from '../secrets.ts';
import { type Check, settled } from './exchange.ts';

/**
 * SC-035, RFC 7636: every client, confidential ones too, sends an S256 challenge and later the verifier that hashes to it. A code
 * is never made without a challenge, so leaving the verifier out at the token endpoint cannot turn the check off (TH-06).
 */
export const checkPkce: Check = (exchange) =>
  exchange.endpoint === 'authorize'
    ? checkChallenge(exchange.parameters.one('code_challenge'), exchange.parameters.one('code_challenge_method'))
    : checkVerifier(exchange.parameters.one('code_verifier'), settled(exchange.grant, 'grant').codeChallenge);

function checkChallenge(challenge: string | undefined, method: string | undefined) {
  if (method !== 'S256') return refuse('invalid_request', 'code_challenge_method must be S256.', 'challenge method');
  // Base64url of a SHA-256 is 43 characters.
  if (challenge === undefined || !/^[\w-]{43}$/.test(challenge)) {
    return refuse('invalid_request', 'code_challenge must be the base64url SHA-256 of the verifier.', 'challenge');
  }
  return undefined;
}

function checkVerifier(verifier: string | undefined, challenge: string) {
  if (verifier === undefined || !/^[\w.~-]{43,128}$/.test(verifier)) return refuseCode('verifier');
  const hash = createHash('sha256').update(verifier).digest('base64url');
  return equalSecrets(hash, challenge) ? undefined : refuseCode('verifier');
}
