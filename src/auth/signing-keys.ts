import type { KeyObject } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { importPrivateKey, importPublicKey, type Jwk, parseJwk, publicJwk } from '../base/jwt.ts';
import { generateKeys } from '../base/keys.ts';
import { limits } from '../base/limits.ts';
import type { Sql } from '../store/types.ts';

/** What our server signs with (RS256), and what others verify with. */
export interface SigningKeys {
  current(): Promise<{ kid: string; key: KeyObject }>;
  /** The public key with this kid: the current one or one that retired a short while ago. */
  verifying(kid: string): Promise<KeyObject | undefined>;
  published(): Promise<Jwk[]>;
}

interface Loaded {
  kid: string;
  key: KeyObject;
  verifying: Map<string, KeyObject>;
  published: Jwk[];
}

/**
 * Keys live in the database, so that every process signs with the same one and a restart keeps tokens valid. They are read
 * once and kept; a failed reading is tried again by the next caller.
 */
export function createSigningKeys(deps: { sql: Sql; clock: Clock }): SigningKeys {
  let loading: Promise<Loaded> | undefined;
  const loaded = (): Promise<Loaded> => {
    loading ??= load(deps.sql, deps.clock).catch((fault: unknown) => {
      loading = undefined;
      throw fault;
    });
    return loading;
  };
  return {
    current: async () => {
      const { kid, key } = await loaded();
      return { kid, key };
    },
    verifying: async (kid) => (await loaded()).verifying.get(kid),
    published: async () => (await loaded()).published,
  };
}

interface KeyRow {
  kid: string;
  private_jwk: unknown;
  retired_at: Date | null;
}

async function load(sql: Sql, clock: Clock): Promise<Loaded> {
  let rows = await read(sql, clock);
  if (!rows.some((row) => row.retired_at === null)) {
    const made = await generateKeys('RS256');
    // Two processes may start at once: the unique index lets one key in, and both read it back.
    await sql.query(
      `INSERT INTO auth_signing_key (kid, algorithm, private_jwk, created_at) VALUES ($1, 'RS256', $2, $3)
       ON CONFLICT DO NOTHING`,
      [made.kid, JSON.stringify(made.privateJwk), clock.now()],
    );
    rows = await read(sql, clock);
  }
  const keys = rows.map((row) => ({ row, jwk: parseJwk(row.private_jwk) }));
  const verifying = new Map<string, KeyObject>();
  const published: Jwk[] = [];
  let current: { kid: string; key: KeyObject } | undefined;
  for (const { row, jwk } of keys) {
    if (!jwk) continue;
    const open = importPublicKey(jwk);
    const secret = importPrivateKey(jwk);
    if (!open.ok || !secret.ok) continue;
    verifying.set(row.kid, open.value);
    published.push(publicJwk(jwk));
    if (row.retired_at === null) current = { kid: row.kid, key: secret.value };
  }
  if (!current) throw new Error('no signing key');
  return { ...current, verifying, published };
}

function read(sql: Sql, clock: Clock): Promise<KeyRow[]> {
  const stillNeeded = new Date(clock.now().getTime() - limits.auth.accessTokenSeconds * 1000);
  return sql.query<KeyRow>(
    `SELECT kid, private_jwk, retired_at FROM auth_signing_key
     WHERE algorithm = 'RS256' AND (retired_at IS NULL OR retired_at > $1) ORDER BY created_at DESC`,
    [stillNeeded],
  );
}
