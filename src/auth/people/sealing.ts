import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { serverSecret } from '../../store/settings.ts';
import type { Sql } from '../../store/types.ts';

/** Secrets that must be read again (a second factor's, a client secret at a provider), as AES-256-GCM under a secret of this server. */
export interface Sealing {
  seal(secret: Uint8Array): Promise<Buffer>;
  /** Throws when it was not sealed by us, or was changed: a fault of the store. */
  open(sealed: Buffer): Promise<Buffer>;
  /** A keyed hash, by which something is found again and from which it cannot be guessed. */
  fingerprint(text: string): Promise<Buffer>;
}

const nonceBytes = 12;
const tagBytes = 16;

export function createSealing(sql: Sql): Sealing {
  let key: Promise<Buffer> | undefined;
  const keyOnce = () => {
    key ??= serverSecret(sql, 'people-seal', async () => randomBytes(32)).catch((fault) => {
      key = undefined;
      throw fault;
    });
    return key;
  };
  return {
    async seal(secret) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', await keyOnce(), nonce);
      return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
    },
    async open(sealed) {
      const decipher = createDecipheriv('aes-256-gcm', await keyOnce(), sealed.subarray(0, nonceBytes), {
        authTagLength: tagBytes,
      });
      decipher.setAuthTag(sealed.subarray(-tagBytes));
      return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]);
    },
    async fingerprint(text) {
      return createHmac('sha256', await keyOnce())
        .update(text)
        .digest();
    },
  };
}
