import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes, scrypt } from 'node:crypto';
import { CompactEncrypt } from 'jose';

/** 256 bits, as the addresses and keys of SMART Health Links have them. */
const secretBytes = 32;
const info = 'careweave emergency link';

export interface Sealed {
  salt: Buffer;
  /** Nonce, tag, ciphertext. */
  sealed: Buffer;
}

export function newSecret(): Buffer {
  return randomBytes(secretBytes);
}

/** What of a secret is kept, to find its row again. */
export function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Seals a key with the secret of the link's address and, when it has one, its passcode: whoever has the database alone opens nothing. */
export async function seal(key: Buffer, secret: Buffer, passcode: string | undefined): Promise<Sealed> {
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', await sealingKey(secret, passcode, salt), nonce);
  const text = Buffer.concat([cipher.update(key), cipher.final()]);
  return { salt, sealed: Buffer.concat([nonce, cipher.getAuthTag(), text]) };
}

/** The key again; undefined: the secret or the passcode is another. */
export async function unseal(
  { salt, sealed }: Sealed,
  secret: Buffer,
  passcode: string | undefined,
): Promise<Buffer | undefined> {
  const decipher = createDecipheriv('aes-256-gcm', await sealingKey(secret, passcode, salt), sealed.subarray(0, 12));
  decipher.setAuthTag(sealed.subarray(12, 28));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]);
  } catch {
    return undefined;
  }
}

async function sealingKey(secret: Buffer, passcode: string | undefined, salt: Buffer): Promise<Buffer> {
  const stretched = passcode === undefined ? Buffer.alloc(0) : await stretch(passcode, salt);
  return Buffer.from(hkdfSync('sha256', Buffer.concat([secret, stretched]), salt, info, 32));
}

/** Slow on purpose: passcodes are short. */
function stretch(passcode: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passcode.normalize('NFKC'), salt, 32, { N: 16_384, r: 8, p: 1 }, (fault, key) =>
      fault ? reject(fault) : resolve(key),
    );
  });
}

/** A file of a link (SMART Health Links 1.0, encrypting files): JWE compact, `dir`, `A256GCM`. */
export function encrypted(text: string, key: Buffer): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', cty: 'application/fhir+json' })
    .encrypt(new Uint8Array(key));
}
