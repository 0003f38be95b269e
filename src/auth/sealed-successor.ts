import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/**
 * A refresh token's successor, sealed with the refresh token itself: whoever sends that token again can be told the same successor, and
 * the database alone tells nobody.
 */
export function sealSuccessor(spent: string, successor: string): Buffer {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyOf(spent), iv);
  const text = Buffer.concat([cipher.update(successor, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), text]);
}

/** Undefined when it was sealed with another token. */
export function openSuccessor(spent: string, sealed: Buffer): string | undefined {
  try {
    const opener = createDecipheriv('aes-256-gcm', keyOf(spent), sealed.subarray(0, 12), { authTagLength: 16 });
    opener.setAuthTag(sealed.subarray(12, 28));
    return Buffer.concat([opener.update(sealed.subarray(28)), opener.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

function keyOf(spent: string): Buffer {
  return Buffer.from(hkdfSync('sha256', spent, '', 'careweave refresh token successor', 32));
}
