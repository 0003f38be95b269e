import { createCipheriv, createDecipheriv, createSecretKey, hash, type KeyObject, randomBytes } from 'node:crypto';
import type { Principal } from '../access/types.ts';
import type { Clock } from '../base/clock.ts';
import { fail, ok } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { PageLinks, PagePlace } from './fhir-request.ts';

interface Sealed extends PagePlace {
  expires: number;
}

/**
 * Next-page links are encrypted and authenticated (AES-256-GCM): a URL in a log shows no search value, a cursor cannot be
 * forged, and a link opens only for the caller it was made for, because the caller is the additional authenticated data.
 */
export function createPageLinks(bytes: Buffer, clock: Clock): PageLinks {
  // Made once: from bytes one is made for each link, which takes twice as long as all the rest.
  const key = createSecretKey(bytes);
  return {
    seal(page, principal) {
      const sealed: Sealed = { ...page, expires: clock.now().getTime() + limits.paging.linkLifeSeconds * 1000 };
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(callerOf(principal));
      const body = Buffer.concat([cipher.update(JSON.stringify(sealed), 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
    },
    open(token, principal) {
      const sealed = decrypt(key, token, callerOf(principal));
      if (!sealed)
        return fail('invalid', 'This page link is not one of this server for this caller.', { code: 'value' });
      if (sealed.expires < clock.now().getTime()) {
        return fail('gone', 'This page link has expired. Start the search again.', { code: 'expired' });
      }
      const { type, query, cursor, lenient } = sealed;
      return ok({ type, query, cursor, ...(lenient && { lenient }) });
    },
  };
}

function decrypt(key: KeyObject, token: string, caller: Buffer): Sealed | undefined {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length < 29) return undefined;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAAD(caller);
    decipher.setAuthTag(bytes.subarray(12, 28));
    return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8'));
  } catch {
    return undefined;
  }
}

function callerOf(principal: Principal): Buffer {
  const caller = [principal.clientId, principal.id, principal.patientId ?? ''];
  return hash('sha256', JSON.stringify(caller), 'buffer');
}
