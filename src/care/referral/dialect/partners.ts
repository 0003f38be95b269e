import type { Clock } from '../../../base/clock.ts';
import { limits } from '../../../base/limits.ts';
import type { Sql } from '../../../store/types.ts';
import type { Dialect } from './words.ts';

/** A client that is the system of a partner. */
export interface Partner {
  dialect: Dialect;
  /** References: what a Task names of these, the client acts for. */
  actsFor: readonly string[];
}

interface Row {
  client_id: string;
  dialect: Dialect;
  acts_for: string[];
}

/** One partner as it is now, within a transaction. */
export async function partnerOf(sql: Sql, clientId: string): Promise<Partner | undefined> {
  const [row] = await sql.query<Row>('SELECT client_id, dialect, acts_for FROM referral_partner WHERE client_id = $1', [
    clientId,
  ]);
  return row && { dialect: row.dialect, actsFor: row.acts_for };
}

/** How whoever is named so speaks: plain FHIR when no partner's system acts for it. */
export async function dialectOf(sql: Sql, reference: string | undefined): Promise<Dialect> {
  if (reference === undefined) return 'fhir';
  const [row] = await sql.query<Row>(
    'SELECT client_id, dialect, acts_for FROM referral_partner WHERE $1 = ANY (acts_for) ORDER BY client_id LIMIT 1',
    [reference],
  );
  return row?.dialect ?? 'fhir';
}

/** Asks the database at most every two seconds, so that a request of everybody else costs nothing. */
export function createPartners({
  sql,
  clock,
}: {
  sql: Sql;
  clock: Clock;
}): (id: string) => Promise<Partner | undefined> {
  let known: ReadonlyMap<string, Partner> = new Map();
  let until = 0;
  return async (clientId) => {
    const now = clock.now().getTime();
    if (now >= until || until - now > limits.access.rememberedMs) {
      const rows = await sql.query<Row>('SELECT client_id, dialect, acts_for FROM referral_partner');
      known = new Map(rows.map((row) => [row.client_id, { dialect: row.dialect, actsFor: row.acts_for }]));
      until = clock.now().getTime() + limits.access.rememberedMs;
    }
    return known.get(clientId);
  };
}
