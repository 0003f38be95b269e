import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import type { Sql } from '../../store/types.ts';

/** A person who may sign in here. */
export interface Account {
  id: string;
  username: string;
  administrator: boolean;
  contact?: string;
  active: boolean;
  /** A password has been chosen. */
  enrolled: boolean;
  hasSecondFactor: boolean;
  lockedUntil?: Date;
  /** `Practitioner/…`, `Patient/…`, `Person/…`, and `RelatedPerson/…` for each child. */
  fhirUsers: readonly string[];
  /** Made by the demo: a production server does not let it be used. */
  demo: boolean;
}

export interface NewAccount {
  username: string;
  fhirUsers: readonly string[];
  administrator?: boolean;
  contact?: string;
  demo?: boolean;
}

/** The accounts, as an administrator knows them. What proves a person is in `credentials.ts`. */
export interface Accounts {
  add(account: NewAccount): Promise<Result<Account>>;
  find(id: string): Promise<Account | undefined>;
  named(username: string): Promise<Account | undefined>;
  list(): Promise<Account[]>;
  /** Whose person this is. */
  ofPerson(fhirUser: string): Promise<Account | undefined>;
  /** Is this person's account one of an administrator, and open; or has the person that role (`access_role`)? */
  isAdministrator(fhirUser: string): Promise<boolean>;
  /** `conflict` when the link is another account's. */
  link(accountId: string, fhirUser: string): Promise<Result<void>>;
  unlink(accountId: string, fhirUser: string): Promise<boolean>;
  setActive(accountId: string, active: boolean): Promise<void>;
  /** Ends every account that the demo has made, and what was granted with it: for production. */
  endDemo(): Promise<void>;
  unlock(accountId: string): Promise<void>;
  setContact(accountId: string, contact: string): Promise<void>;
}

interface AccountRow {
  id: string;
  username: string;
  administrator: boolean;
  contact: string | null;
  active: boolean;
  enrolled: boolean;
  second_factor: boolean;
  demo: boolean;
  locked_until: Date | null;
  links: string[];
}

const select = `SELECT id, username, administrator, contact, active, demo, password IS NOT NULL AS enrolled,
    totp_secret IS NOT NULL AS second_factor, locked_until,
    ARRAY(SELECT l.fhir_user FROM auth_account_link l WHERE l.account_id = a.id ORDER BY l.fhir_user) AS links
  FROM auth_account a`;

// One statement: an account is made with all its links or not at all.
const insert = `WITH made AS (
    INSERT INTO auth_account (id, username, administrator, contact, created_at, demo) VALUES ($1, $2, $3, $4, $5, $7))
  INSERT INTO auth_account_link (fhir_user, account_id) SELECT unnest($6::text[]), $1`;

const linkShape = /^(Practitioner|Patient|RelatedPerson|Person)\/[A-Za-z0-9.-]{1,64}$/;

export function createAccounts({ sql, clock }: { sql: Sql; clock: Clock }): Accounts {
  const one = async (where: string, value: string) => {
    const [row] = await sql.query<AccountRow>(`${select} WHERE ${where} = $1`, [value]);
    return row && accountOf(row);
  };
  return {
    async add({ username, fhirUsers, administrator = false, contact, demo = false }) {
      const name = accountName(username);
      if (name === undefined) return fail('invalid', 'A user name is 3 to 100 letters, digits and . _ @ + -');
      if (!fhirUsers.every((link) => linkShape.test(link))) return fail('invalid', linkProblem);
      const id = newId();
      const kept = contact === undefined ? null : contactKey(contact);
      const written = await unlessTaken(() =>
        sql.query(insert, [id, name, administrator, kept, clock.now(), fhirUsers, demo]),
      );
      if (!written.ok) return written;
      const made = await one('id', id);
      return made ? ok(made) : fail('conflict', 'The account was removed again.');
    },
    find: (id) => one('id', id),
    named: (username) => one('username', username.trim().toLowerCase()),
    async ofPerson(fhirUser) {
      const linked = 'id = (SELECT l.account_id FROM auth_account_link l WHERE l.fhir_user = $1)';
      const [row] = await sql.query<AccountRow>(`${select} WHERE ${linked}`, [fhirUser]);
      return row && accountOf(row);
    },
    async list() {
      return (await sql.query<AccountRow>(`${select} ORDER BY username`)).map(accountOf);
    },
    async isAdministrator(fhirUser) {
      const rows = await sql.query(
        `SELECT 1 FROM auth_account a JOIN auth_account_link l ON l.account_id = a.id
         WHERE l.fhir_user = $1 AND a.administrator AND a.active
         UNION ALL SELECT 1 FROM access_role WHERE fhir_user = $1 AND role = 'administrator'`,
        [fhirUser],
      );
      return rows.length > 0;
    },
    async link(accountId, fhirUser) {
      if (!linkShape.test(fhirUser)) return fail('invalid', linkProblem);
      const insertLink = 'INSERT INTO auth_account_link (fhir_user, account_id) VALUES ($1, $2)';
      const written = await unlessTaken(() => sql.query(insertLink, [fhirUser, accountId]));
      return written.ok ? ok(undefined) : written;
    },
    async unlink(accountId, fhirUser) {
      const gone = 'DELETE FROM auth_account_link WHERE account_id = $1 AND fhir_user = $2 RETURNING fhir_user';
      return (await sql.query(gone, [accountId, fhirUser])).length === 1;
    },
    async setActive(accountId, active) {
      await sql.query('UPDATE auth_account SET active = $2 WHERE id = $1', [accountId, active]);
      // So that nothing of before comes back when the account is used again.
      if (!active) await sql.query('DELETE FROM auth_session WHERE account_id = $1', [accountId]);
    },
    async endDemo() {
      await sql.query(
        `WITH ended AS (UPDATE auth_account SET active = false WHERE demo AND active RETURNING id)
         UPDATE auth_grant g SET revoked_at = $1 FROM ended e JOIN auth_account_link l ON l.account_id = e.id
         WHERE g.fhir_user = l.fhir_user AND g.revoked_at IS NULL`,
        [clock.now()],
      );
    },
    async setContact(accountId, contact) {
      await sql.query('UPDATE auth_account SET contact = $2 WHERE id = $1', [accountId, contactKey(contact)]);
    },
    async unlock(accountId) {
      await sql.query('UPDATE auth_account SET failures = 0, locked_until = NULL WHERE id = $1', [accountId]);
    },
  };
}

const linkProblem = 'A link is a reference like Practitioner/…, Patient/…, RelatedPerson/… or Person/….';

/** A telephone number or e-mail address in the form in which two of them are compared. */
export function contactKey(contact: string): string {
  return contact.includes('@') ? contact.trim().toLowerCase() : contact.replace(/[^\d+]/g, '');
}

function accountName(username: string): string | undefined {
  const name = username.trim().toLowerCase();
  return /^[\p{L}\p{N}._@+-]{3,100}$/u.test(name) ? name : undefined;
}

/** A name or link that somebody else has is a `conflict`; every other fault stays one. */
async function unlessTaken<T>(write: () => Promise<T>): Promise<Result<T>> {
  try {
    return ok(await write());
  } catch (fault) {
    // PostgreSQL's unique_violation.
    if (typeof fault === 'object' && fault !== null && 'code' in fault && fault.code === '23505')
      return fail('conflict', 'This user name, or one of these links, belongs to another account.');
    throw fault;
  }
}

function accountOf(row: AccountRow): Account {
  const account: Account = {
    id: row.id,
    username: row.username,
    administrator: row.administrator,
    active: row.active,
    enrolled: row.enrolled,
    hasSecondFactor: row.second_factor,
    fhirUsers: row.links,
    demo: row.demo,
  };
  if (row.contact !== null) account.contact = row.contact;
  if (row.locked_until !== null) account.lockedUntil = row.locked_until;
  return account;
}

/** Whose account opens many charts needs more than a password. */
export function needsSecondFactor(account: Account): boolean {
  return account.administrator || account.fhirUsers.some((link) => link.startsWith('Practitioner/'));
}
