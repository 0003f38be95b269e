import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import type { Sql } from '../store/types.ts';
import { hashSecret, newSecret } from './secrets.ts';

/** The secrets of symmetric clients (SC-139): stored as scrypt, told once, two at a time so that one can take over from the other. */
export interface ClientSecrets {
  /** A new secret, told here and never again. The one before it stays good, or ends with `alone`; older ones end. */
  add(clientId: string, options?: { alone?: boolean }): Promise<string>;
  /** Takes as long for a client that does not exist (undefined) as for one whose secret is another. */
  fits(clientId: string | undefined, secret: string): Promise<boolean>;
}

interface SecretRow {
  id: string;
  salt: Buffer;
  hash: Buffer;
  cost: number;
}

const perClient = 2;

const insert = `WITH ended AS (
    DELETE FROM auth_client_secret WHERE client_id = $2 AND id NOT IN (
      SELECT id FROM auth_client_secret WHERE client_id = $2 ORDER BY created_at DESC, id LIMIT $7))
  INSERT INTO auth_client_secret (id, client_id, salt, hash, cost, created_at) VALUES ($1, $2, $3, $4, $5, $6)`;

export function createClientSecrets(deps: { sql: Sql; clock: Clock }): ClientSecrets {
  // What scrypt has found out once, by the secret's row and SHA-256: a busy client does not pay for it with every request.
  const known = new Set<string>();

  async function equals(row: SecretRow, secret: string): Promise<boolean> {
    const name = `${row.id} ${hashSecret(secret).toString('base64')}`;
    if (known.has(name)) return true;
    if (!timingSafeEqual(await derive(secret, row.salt, row.cost), row.hash)) return false;
    const [oldest] = known;
    if (oldest !== undefined && known.size >= limits.auth.rememberedSecrets) known.delete(oldest);
    known.add(name);
    return true;
  }

  return {
    async add(clientId, { alone = false } = {}) {
      const secret = newSecret();
      const salt = randomBytes(16);
      const cost = limits.auth.secretCost;
      const hash = await derive(secret, salt, cost);
      const kept = alone ? 0 : perClient - 1;
      await deps.sql.query(insert, [newId(), clientId, salt, hash, cost, deps.clock.now(), kept]);
      return secret;
    },
    async fits(clientId, secret) {
      const rows = await deps.sql.query<SecretRow>(
        'SELECT id, salt, hash, cost FROM auth_client_secret WHERE client_id = $1 ORDER BY created_at DESC, id LIMIT $2',
        [clientId ?? '', perClient],
      );
      const padding = Array.from({ length: perClient - rows.length }, nobodys);
      const fitting = await Promise.all([...rows, ...padding].map((row) => equals(row, secret)));
      return clientId !== undefined && fitting.includes(true);
    },
  };
}

/** A row that no secret fits, so that the same work is done for every client. */
function nobodys(): SecretRow {
  return { id: '', salt: randomBytes(16), hash: randomBytes(32), cost: limits.auth.secretCost };
}

function derive(secret: string, salt: Buffer, cost: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(secret, salt, 32, { N: cost, r: 8, p: 1 }, (fault, key) => (fault ? reject(fault) : resolve(key)));
  });
}
