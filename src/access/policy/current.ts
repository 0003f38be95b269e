import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Logger } from '../../base/log.ts';
import type { Inheritance } from '../../store/categories.ts';
import type { Sql } from '../../store/types.ts';
import { type ClosedTo, type Policies, policiesNow } from './candidates.ts';
import { inheritanceBy } from './categories.ts';
import { compilePolicy, type Policy } from './compile.ts';
import type { PolicyDocument, PolicyReader } from './document.ts';

/** The policy in force: the last loaded one whose day has come and whose rules all records follow, or the one that comes with Careweave. */
export interface CurrentPolicy {
  /** Without asking anybody; undefined when there is none, or none that can be followed. */
  known(): Policy | undefined;
  /** The one that is to be in force as soon as every record has its categories. Without asking anybody. */
  coming(): Policy | undefined;
  /** From whom everything is kept until that is so (`policy load --closing`). Without asking anybody. */
  closedTo(): ClosedTo | undefined;
  /** By what a record is judged that is written now: the policy in force, and the one that is coming. Without asking anybody. */
  rules(): Rules;
  /** Asks the database, at most every two seconds. */
  get(): Promise<Policy | undefined>;
  /** What the database says now, through this connection; what is remembered stays as it is. */
  look(sql: Sql): Promise<Policies>;
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
  const { reader, clock } = deps;
  const shipped = compiled(deps, reader.shipped());
  const read = new Map<string, Result<Policy>>();
  let policies: Policies = shipped.ok ? { inForce: shipped.value } : {};
  let rules = rulesOf(policies);
  let until = 0;
  let looking: Promise<void> | undefined;
  const look = (sql: Sql) =>
    policiesNow(sql, clock.now(), shipped, async (seq, content) => {
      const known = read.get(seq) ?? compiled(deps, reader.check(await content()));
      read.set(seq, known);
      return known;
    });
  const isOld = () => {
    const now = clock.now().getTime();
    // A clock that was set back must not keep an old policy alive.
    return now >= until || until - now > limits.access.rememberedMs;
  };
  const remember = async (): Promise<void> => {
    const asked = look(deps.sql).then((found) => {
      // Forgotten meanwhile: whoever asks next looks anew.
      if (looking !== asked) return;
      policies = found;
      rules = rulesOf(found);
      until = clock.now().getTime() + limits.access.rememberedMs;
    });
    looking = asked;
    try {
      await asked;
    } finally {
      if (looking === asked) looking = undefined;
    }
  };
  return {
    known: () => policies.inForce,
    coming: () => policies.coming,
    closedTo: () => policies.closedTo,
    rules: () => rules,
    async get() {
      while (isOld()) await (looking ?? remember());
      return policies.inForce;
    },
    look,
    forget: () => {
      until = 0;
      looking = undefined;
    },
  };
}

/** The rules of several policies together: each adds what it says. */
export interface Rules {
  policies: readonly Policy[];
  inherits: Inheritance;
}

function rulesOf({ inForce, coming }: Policies): Rules {
  const policies = [inForce, coming].filter((policy) => policy !== undefined);
  return { policies, inherits: inheritanceBy(policies) };
}

function compiled({ types, log }: Deps, document: Result<PolicyDocument>): Result<Policy> {
  if (document.ok) return ok(compilePolicy(document.value, types));
  log.error(
    { code: document.error.kind },
    'the privacy policy cannot be followed: nobody but system clients sees anything',
  );
  return document;
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
