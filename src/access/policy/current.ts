import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Logger } from '../../base/log.ts';
import type { Sql } from '../../store/types.ts';
import { compilePolicy, type Policy } from './compile.ts';
import type { PolicyDocument, PolicyReader } from './document.ts';

/** The policy in force: the last loaded one whose day has come, or the one that comes with Careweave where none was loaded. */
export interface CurrentPolicy {
  /** Without asking anybody; undefined when there is none, or none that can be followed. */
  known(): Policy | undefined;
  /** Asks the database, at most every two seconds. */
  get(): Promise<Policy | undefined>;
  forget(): void;
}

interface Deps {
  sql: Sql;
  reader: PolicyReader;
  types: ReadonlySet<string>;
  clock: Clock;
  log: Logger;
}

export function createCurrentPolicy(deps: Deps): CurrentPolicy {
  let policy = compiled(deps, deps.reader.shipped());
  let seq: string | undefined;
  let until = 0;
  const look = async () => {
    const row = await inForce(deps.sql, deps.clock.now());
    if (row === undefined) {
      if (seq !== undefined) policy = compiled(deps, deps.reader.shipped());
    } else if (row.seq !== seq) policy = compiled(deps, deps.reader.check(row.content));
    seq = row?.seq;
    until = deps.clock.now().getTime() + limits.access.rememberedMs;
  };
  return {
    known: () => policy,
    async get() {
      const now = deps.clock.now().getTime();
      // A clock that was set back must not keep an old policy alive.
      if (now >= until || until - now > limits.access.rememberedMs) await look();
      return policy;
    },
    forget: () => {
      until = 0;
    },
  };
}

function compiled({ types, log }: Deps, document: Result<PolicyDocument>): Policy | undefined {
  if (document.ok) return compilePolicy(document.value, types);
  log.error(
    { code: document.error.kind },
    'the privacy policy cannot be followed: nobody but system clients sees anything',
  );
  return undefined;
}

interface PolicyRow {
  seq: string;
  version: string;
  content: unknown;
}

/** A day begins first at UTC+14: a policy that holds somewhere on this day is in force. */
async function inForce(sql: Sql, now: Date): Promise<PolicyRow | undefined> {
  const day = new Date(now.getTime() + 14 * 3_600_000).toISOString().slice(0, 10);
  const [row] = await sql.query<PolicyRow>(
    'SELECT seq, version, content FROM access_policy WHERE effective <= $1::date ORDER BY seq DESC LIMIT 1',
    [day],
  );
  return row;
}

/** Keeps a policy. Error `conflict`: its version was loaded before, with another content. */
export async function keepPolicy(sql: Sql, document: PolicyDocument): Promise<Result<'new' | 'same'>> {
  const values = [document.version, document.effective, JSON.stringify(document)];
  const added = await sql.query<{ seq: string }>(
    `INSERT INTO access_policy (version, effective, content) VALUES ($1, $2, $3::jsonb) ON CONFLICT (version) DO NOTHING RETURNING seq`,
    values,
  );
  if (added.length > 0) return ok('new');
  const same = await sql.query(
    'SELECT 1 AS one FROM access_policy WHERE version = $1 AND effective = $2 AND content = $3::jsonb',
    values,
  );
  if (same.length > 0) return ok('same');
  return fail('conflict', 'A policy of this version was loaded before and says something else: give it a new version.');
}
