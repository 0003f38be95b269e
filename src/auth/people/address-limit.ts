import { networkOf } from '../../base/addresses.ts';
import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { Sql } from '../../store/types.ts';
import type { Sealing } from './sealing.ts';

/** How many sign-ins have failed lately from where a request comes from, whatever the names tried (TH-12). */
export interface AddressLimit {
  /** Seconds to wait; undefined when one more may be tried. */
  waits(address: string | undefined): Promise<number | undefined>;
  failed(address: string | undefined): Promise<void>;
}

export function createAddressLimit({
  sql,
  clock,
  sealing,
}: {
  sql: Sql;
  clock: Clock;
  sealing: Sealing;
}): AddressLimit {
  const { addressFailures, addressWindowSeconds } = limits.people;
  const keyOf = (address: string | undefined) => sealing.fingerprint(`address.${networkOf(address ?? 'unknown')}`);
  return {
    async waits(address) {
      const now = clock.now();
      const [row] = await sql.query<{ expires_at: Date }>(
        `SELECT expires_at FROM auth_sign_in_address
         WHERE address_hash = $1 AND failures >= ${addressFailures} AND expires_at > $2`,
        [await keyOf(address), now],
      );
      return row && Math.ceil((row.expires_at.getTime() - now.getTime()) / 1000);
    },
    async failed(address) {
      const now = clock.now();
      await sql.query(
        `INSERT INTO auth_sign_in_address AS a (address_hash, failures, expires_at) VALUES ($1, 1, $3)
         ON CONFLICT (address_hash) DO UPDATE SET
           failures = CASE WHEN a.expires_at > $2 THEN a.failures + 1 ELSE 1 END,
           expires_at = CASE WHEN a.expires_at > $2 THEN a.expires_at ELSE $3 END`,
        [await keyOf(address), now, new Date(now.getTime() + addressWindowSeconds * 1000)],
      );
    },
  };
}
