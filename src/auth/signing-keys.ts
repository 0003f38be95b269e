import type { KeyObject } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { importPrivateKey, importPublicKey, type Jwk, parseJwk, publicJwk } from '../base/jwt.ts';
import { generateKeys } from '../base/keys.ts';
import { limits } from '../base/limits.ts';
import type { Sql } from '../store/types.ts';

/** What our server signs with (RS256), and what others verify with. */
export interface SigningKeys {
  current(): Promise<{ kid: string; key: KeyObject }>;
  /** The public key with this kid: the current one, one that retired a short while ago, or one that will sign soon. */
  verifying(kid: string): Promise<KeyObject | undefined>;
  published(): Promise<Jwk[]>;
}

interface Key {
  kid: string;
  signsFrom: number;
  retiredAt: number;
  secret: KeyObject;
  open: KeyObject;
  jwk: Jwk;
}

/**
 * Keys live in the database, so that every process signs with the same one and a restart keeps tokens valid. They are read again every
 * few seconds: a rotation (`key-rotation.ts`) needs no restart (SC-015). Which of them signs is a question of the time alone.
 */
export function createSigningKeys(deps: { sql: Sql; clock: Clock }): SigningKeys {
  // A key stays the same object as long as it is used: what was verified with it is remembered by it.
  let known = new Map<string, Key>();
  let loadedAt: number | undefined;
  let loading: Promise<void> | undefined;

  async function load(): Promise<void> {
    const rows = await read(deps.sql, deps.clock);
    const keys = rows.map((row) => known.get(row.kid) ?? imported(row)).filter((key) => key !== undefined);
    known = new Map(keys.map((key) => [key.kid, { ...key, ...timesOf(rows.find(({ kid }) => kid === key.kid)) }]));
    loadedAt = deps.clock.now().getTime();
  }

  async function keys(): Promise<Map<string, Key>> {
    const now = deps.clock.now().getTime();
    if (loadedAt === undefined || Math.abs(now - loadedAt) >= limits.auth.keysRereadMs) {
      loading ??= load().finally(() => {
        loading = undefined;
      });
      await loading;
    }
    return known;
  }

  /** The newest whose time has come; after the clock was set back, the one that was first. */
  const signing = (all: Map<string, Key>) => {
    const now = deps.clock.now().getTime();
    const able = [...all.values()].filter((key) => key.retiredAt > now).sort((a, b) => b.signsFrom - a.signsFrom);
    return able.find((key) => key.signsFrom <= now) ?? able.at(-1);
  };

  const current: SigningKeys['current'] = async () => {
    let found = signing(await keys());
    if (!found) {
      await makeFirst(deps.sql, deps.clock);
      await load();
      found = signing(known);
    }
    if (!found) throw new Error('no signing key');
    return { kid: found.kid, key: found.secret };
  };

  return {
    current,
    verifying: async (kid) => (await keys()).get(kid)?.open,
    async published() {
      await current();
      return [...known.values()].map(({ jwk }) => jwk);
    },
  };
}

interface KeyRow {
  kid: string;
  private_jwk: unknown;
  signs_from: Date;
  retired_at: Date | null;
}

function timesOf(row: KeyRow | undefined): Pick<Key, 'signsFrom' | 'retiredAt'> {
  return { signsFrom: row?.signs_from.getTime() ?? Infinity, retiredAt: row?.retired_at?.getTime() ?? Infinity };
}

function imported(row: KeyRow): Key | undefined {
  const jwk = parseJwk(row.private_jwk);
  const open = jwk && importPublicKey(jwk);
  const secret = jwk && importPrivateKey(jwk);
  if (!jwk || !open?.ok || !secret?.ok) return undefined;
  return { kid: row.kid, ...timesOf(row), open: open.value, secret: secret.value, jwk: publicJwk(jwk) };
}

/** Two processes may start at once: the unique index lets one key in, and both read it back. */
async function makeFirst(sql: Sql, clock: Clock): Promise<void> {
  const made = await generateKeys('RS256');
  await sql.query(
    `INSERT INTO auth_signing_key (kid, algorithm, private_jwk, created_at, signs_from) VALUES ($1, 'RS256', $2, $3, $3)
     ON CONFLICT DO NOTHING`,
    [made.kid, JSON.stringify(made.privateJwk), clock.now()],
  );
}

/** Those that sign, will sign, or have signed something that may still be good. */
function read(sql: Sql, clock: Clock): Promise<KeyRow[]> {
  const stillNeeded = new Date(clock.now().getTime() - limits.auth.accessTokenSeconds * 1000);
  return sql.query<KeyRow>(
    `SELECT kid, private_jwk, signs_from, retired_at FROM auth_signing_key
     WHERE algorithm = 'RS256' AND (retired_at IS NULL OR retired_at > $1) ORDER BY signs_from DESC, kid`,
    [stillNeeded],
  );
}
