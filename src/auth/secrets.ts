import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits as base64url: a code, a launch id, a session, a state. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored instead of a secret. Plain SHA-256 is enough: the input has 256 bits of its own. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

export function equalSecrets(one: string, other: string): boolean {
  return timingSafeEqual(hashSecret(one), hashSecret(other));
}
