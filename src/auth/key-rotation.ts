import type { Clock } from '../base/clock.ts';
import { fail, ok, type Result } from '../base/errors.ts';
import { generateKeys } from '../base/keys.ts';
import { limits } from '../base/limits.ts';
import type { Sql } from '../store/types.ts';

/** One signing key, as an administrator sees it. */
export interface SigningKey {
  kid: string;
  state: 'waiting' | 'signing' | 'retired';
  createdAt: Date;
  signsFrom: Date;
  /** When it signs no more; absent as long as no successor is named. */
  retiredAt?: Date;
  /** When it is taken out of the JWKS, because everything it has signed has expired. */
  goneAt?: Date;
}

/** Changing the key that our tokens are signed with (SC-015). A running server takes it up within seconds. */
export interface KeyRotation {
  /**
   * Makes a new key. It is published now and signs after ten minutes, when everybody's copy of our JWKS has it; the old one signs until
   * then and verifies until its last token has expired. With `compromised` the new one signs now, and no older one verifies anything any
   * more: every token ends. `conflict` when another rotation is under way.
   */
  rotate(options?: { compromised?: boolean }): Promise<Result<SigningKey>>;
  /** Those that are published, the newest first. */
  list(): Promise<SigningKey[]>;
}

interface KeyRow {
  kid: string;
  created_at: Date;
  signs_from: Date;
  retired_at: Date | null;
}

// The old key is asked for first: of two rotations at once one finds none, and its new key meets the unique index.
const succeed = `WITH old AS (
    UPDATE auth_signing_key SET retired_at = $4 WHERE algorithm = 'RS256' AND retired_at IS NULL AND signs_from <= $3 RETURNING kid)
  INSERT INTO auth_signing_key (kid, algorithm, private_jwk, created_at, signs_from)
  SELECT $1, 'RS256', $2, $3, $4 FROM (SELECT count(*) FROM old) AS done
  ON CONFLICT DO NOTHING RETURNING kid, created_at, signs_from, retired_at`;

const replace = `WITH old AS (DELETE FROM auth_signing_key WHERE algorithm = 'RS256' RETURNING kid)
  INSERT INTO auth_signing_key (kid, algorithm, private_jwk, created_at, signs_from)
  SELECT $1, 'RS256', $2, $3, $3 FROM (SELECT count(*) FROM old) AS done
  ON CONFLICT DO NOTHING RETURNING kid, created_at, signs_from, retired_at`;

export function createKeyRotation(deps: { sql: Sql; clock: Clock }): KeyRotation {
  return {
    async rotate({ compromised = false } = {}) {
      const made = await generateKeys('RS256');
      const now = deps.clock.now();
      const values = [made.kid, JSON.stringify(made.privateJwk), now];
      const rows = compromised
        ? await deps.sql.query<KeyRow>(replace, values)
        : await deps.sql.query<KeyRow>(succeed, [
            ...values,
            new Date(now.getTime() + limits.auth.keyAheadSeconds * 1000),
          ]);
      const [row] = rows;
      return row
        ? ok(keyOf(row, now))
        : fail('conflict', 'A rotation is under way already: the next key waits to sign.');
    },
    async list() {
      const now = deps.clock.now();
      const rows = await deps.sql.query<KeyRow>(
        `SELECT kid, created_at, signs_from, retired_at FROM auth_signing_key
         WHERE algorithm = 'RS256' AND (retired_at IS NULL OR retired_at > $1) ORDER BY signs_from DESC, kid`,
        [new Date(now.getTime() - limits.auth.accessTokenSeconds * 1000)],
      );
      return rows.map((row) => keyOf(row, now));
    },
  };
}

function keyOf(row: KeyRow, now: Date): SigningKey {
  const { kid, created_at: createdAt, signs_from: signsFrom, retired_at: retiredAt } = row;
  const state = signsFrom > now ? 'waiting' : retiredAt && retiredAt <= now ? 'retired' : 'signing';
  const key: SigningKey = { kid, state, createdAt, signsFrom };
  if (retiredAt === null) return key;
  return { ...key, retiredAt, goneAt: new Date(retiredAt.getTime() + limits.auth.accessTokenSeconds * 1000) };
}
