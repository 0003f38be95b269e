import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';

/**
 * Passwords as scrypt hashes (RFC 7914) that carry their own costs, `scrypt$N$r$p$salt$hash`, so that the costs can be raised later. Few
 * are worked out at once: each takes 32 MB, and who waits too long is told that we are busy.
 */
export interface Passwords {
  hash(password: string): Promise<Result<string>>;
  /** Without a stored hash the same work is done and the answer is no: the time does not tell whether the name is known. */
  verify(password: string, stored: string | undefined): Promise<Result<boolean>>;
}

interface Costs {
  N: number;
  r: number;
  p: number;
}

const keyBytes = 32;

export function createPasswords(costs: Costs = limits.people.scrypt): Passwords {
  const turns = createTurns(limits.people.hashesAtOnce, limits.people.hashesWaiting);
  const nobody = encode(costs, randomBytes(16), randomBytes(keyBytes));
  return {
    async hash(password) {
      const salt = randomBytes(16);
      const key = await turns(() => derive(password, salt, costs));
      return key.ok ? ok(encode(costs, salt, key.value)) : key;
    },
    async verify(password, stored = nobody) {
      const [, N, r, p, salt, hash] = stored.split('$');
      const expected = Buffer.from(hash ?? '', 'base64url');
      const made = { N: Number(N), r: Number(r), p: Number(p) };
      const key = await turns(() => derive(password, Buffer.from(salt ?? '', 'base64url'), made));
      if (!key.ok) return key;
      return ok(expected.length === keyBytes && timingSafeEqual(key.value, expected) && stored !== nobody);
    },
  };
}

function encode({ N, r, p }: Costs, salt: Buffer, key: Buffer): string {
  return ['scrypt', N, r, p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/** The same password typed on two keyboards can be two sequences of code points: NFKC makes them one (RFC 8265). */
function derive(password: string, salt: Buffer, costs: Costs): Promise<Buffer> {
  const options: ScryptOptions = { ...costs, maxmem: 256 * costs.N * costs.r };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, keyBytes, options, (fault, key) => (fault ? reject(fault) : resolve(key)));
  });
}

/** Lets `atOnce` work, `waiting` wait, and turns others away. */
function createTurns(atOnce: number, waiting: number) {
  let working = 0;
  const queue: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<Result<T>> => {
    if (working >= atOnce) {
      if (queue.length >= waiting) return fail('busy', 'Many people are signing in: try again in a moment.');
      await new Promise<void>((resolve) => queue.push(resolve));
    } else working += 1;
    try {
      return ok(await work());
    } finally {
      const next = queue.shift();
      if (next) next();
      else working -= 1;
    }
  };
}
