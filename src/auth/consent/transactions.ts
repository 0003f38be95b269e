import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { Sql } from '../../store/types.ts';
import { hashSecret, newSecret } from '../secrets.ts';
import type { Session } from '../types.ts';

/** What has been answered so far. */
export interface Answers {
  patientId?: string;
  /** '' when the person wants none. */
  encounterId?: string;
  /** By scope (`launch/imagingstudy`): the id of the record that was chosen, `none` for none. */
  context?: Readonly<Record<string, string>>;
  /** Scope text: what was ticked. '' when nothing was. */
  consent?: string;
}

/** An authorization request that waits for a person. */
export interface Transaction {
  id: string;
  /** The other half, from the browser's cookie. */
  cookie: string;
  clientId: string;
  /** The request's parameters, form-encoded, as they came. */
  parameters: string;
  /** Who gave the answers. */
  sessionHash?: Buffer;
  answers: Answers;
  createdAt: Date;
}

export interface Transactions {
  start(request: { clientId: string; parameters: string }): Promise<{ id: string; cookie: string }>;
  /** One that is still open, in the browser it was started in. */
  find(id: string | undefined, cookie: string | undefined): Promise<Transaction | undefined>;
  answer(transaction: Transaction, session: Session, answers: Answers): Promise<void>;
  /** Ends it. False when another request was faster: whoever gets true may give the one answer (SC-041). */
  finish(transaction: Transaction): Promise<boolean>;
}

interface TransactionRow {
  client_id: string;
  parameters: string;
  session_hash: Buffer | null;
  answers: Answers;
  created_at: Date;
}

export function createTransactions({ sql, clock }: { sql: Sql; clock: Clock }): Transactions {
  return {
    async start({ clientId, parameters }) {
      const [id, cookie] = [newSecret(), newSecret()];
      const now = clock.now();
      await sql.query(
        `INSERT INTO auth_transaction (id_hash, cookie_hash, client_id, parameters, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)`,
        [
          hashSecret(id),
          hashSecret(cookie),
          clientId,
          parameters,
          now,
          new Date(now.getTime() + limits.people.transactionSeconds * 1000),
        ],
      );
      return { id, cookie };
    },
    async find(id, cookie) {
      if (id === undefined || cookie === undefined) return undefined;
      const [row] = await sql.query<TransactionRow>(
        `SELECT client_id, parameters, session_hash, answers, created_at FROM auth_transaction
         WHERE id_hash = $1 AND cookie_hash = $2 AND expires_at > $3 AND done_at IS NULL`,
        [hashSecret(id), hashSecret(cookie), clock.now()],
      );
      return row && transactionOf(row, id, cookie);
    },
    async answer({ id }, session, answers) {
      await sql.query(
        `UPDATE auth_transaction SET session_hash = $2,
           answers = CASE WHEN session_hash = $2 THEN answers || $3::jsonb ELSE $3::jsonb END
         WHERE id_hash = $1 AND done_at IS NULL`,
        [hashSecret(id), session.hash, JSON.stringify(answers)],
      );
    },
    async finish({ id }) {
      const end = 'UPDATE auth_transaction SET done_at = $2 WHERE id_hash = $1 AND done_at IS NULL RETURNING client_id';
      return (await sql.query(end, [hashSecret(id), clock.now()])).length === 1;
    },
  };
}

function transactionOf(row: TransactionRow, id: string, cookie: string): Transaction {
  const transaction: Transaction = {
    id,
    cookie,
    clientId: row.client_id,
    parameters: row.parameters,
    answers: row.answers,
    createdAt: row.created_at,
  };
  if (row.session_hash !== null) transaction.sessionHash = row.session_hash;
  return transaction;
}

export const transactionCookiePrefix = 't_';

/** The name of a transaction's cookie: requests in two tabs do not disturb each other. */
export function transactionCookie(id: string): string {
  return `${transactionCookiePrefix}${hashSecret(id).toString('hex', 0, 8)}`;
}
