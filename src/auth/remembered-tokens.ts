import { hash, type KeyObject } from 'node:crypto';
import type { Principal } from '../access/types.ts';
import { limits } from '../base/limits.ts';

/** What verifying a token has found out once. */
export interface RememberedToken {
  principal: Principal;
  grantId: string | undefined;
  tokenId: string;
  kid: string;
  /** The key its signature was made good with. */
  key: KeyObject;
  /** The token's `exp`, in seconds. */
  expires: number;
}

/**
 * Signatures that were good, by the SHA-256 of the whole token: the same bytes have the same signature, so it is checked once.
 * Nothing that can change is remembered: the caller asks anew whether the key still verifies, whether the token has expired, and
 * whether client and grant still stand.
 */
export interface RememberedTokens {
  find(token: string): RememberedToken | undefined;
  keep(token: string, remembered: RememberedToken): void;
}

export function createRememberedTokens(): RememberedTokens {
  const byHash = new Map<string, RememberedToken>();
  const nameOf = (token: string) => hash('sha256', token, 'base64');
  return {
    find: (token) => byHash.get(nameOf(token)),
    keep(token, remembered) {
      const [oldest] = byHash.keys();
      if (oldest !== undefined && byHash.size >= limits.auth.rememberedTokens) byHash.delete(oldest);
      byHash.set(nameOf(token), remembered);
    },
  };
}
