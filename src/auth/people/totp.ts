import { Secret, TOTP } from 'otpauth';
import { renderSVG } from 'uqr';
import { limits } from '../../base/limits.ts';

/** Time-based one-time codes (RFC 6238: SHA-1, 6 digits, 30 s, as every authenticator app has them). */

export function newTotpSecret(): Buffer {
  return Buffer.from(new Secret({ size: 20 }).bytes);
}

/** The time step of a code that is right now, a step early or late; undefined when it is not, or when its step was used before. */
export function acceptedStep(secret: Uint8Array, code: string, { now, after }: { now: Date; after: number }) {
  const token = code.replace(/\s/g, '');
  if (!/^\d{6}$/.test(token)) return undefined;
  const totp = totpOf(secret, '');
  const delta = totp.validate({ token, timestamp: now.getTime(), window: limits.people.totpWindow });
  if (delta === null) return undefined;
  const step = totp.counter({ timestamp: now.getTime() }) + delta;
  return step > after ? step : undefined;
}

/** What an authenticator app reads: as a picture, and as text to type in. */
export function totpInvitation(secret: Uint8Array, username: string): { svg: string; key: string } {
  const totp = totpOf(secret, username);
  const key = totp.secret.base32.match(/.{1,4}/g)?.join(' ') ?? '';
  return { svg: renderSVG(totp.toString(), { ecc: 'M', border: 2 }), key };
}

function totpOf(secret: Uint8Array, label: string): TOTP {
  return new TOTP({ issuer: 'Careweave', label, secret: new Secret({ buffer: Uint8Array.from(secret).buffer }) });
}
