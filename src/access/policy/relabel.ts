import { setTimeout as delay } from 'node:timers/promises';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { JobHandler } from '../../module.ts';
import { keepInheritance } from '../../store/categories.ts';
import { relabel } from '../../store/reindex/relabel.ts';
import type { Sql, Store } from '../../store/types.ts';
import { holdPolicies, keepLabelled, type Labelled, labelled, markInexact } from './candidates.ts';
import { categoriesBy } from './categories.ts';
import type { Policy } from './compile.ts';
import type { CurrentPolicy } from './current.ts';
import type { PolicyDocument } from './document.ts';

/** The job that gives stored records the categories of a policy that has changed. */
export const relabelKind = 'privacy-relabel';

/** No version: those have no space. */
const tidying = 'tidy up';

const actor = { kind: 'system', id: 'privacy', requestId: 'relabel' } as const;

/**
 * When the server starts: what no policy in force could be followed without is done at once, before anybody is answered; the rest is queued.
 */
export async function beginLabels(store: Store, current: CurrentPolicy, now: Date): Promise<Result<void>> {
  current.forget();
  const inForce = await current.get();
  const coming = current.coming();
  if (coming) return inForce ? queueRelabel(store, coming.document, now) : toFollow(store, current, coming);
  return (await labelled(store))?.isExact === false ? queueTidying(store, now) : ok(undefined);
}

/**
 * Gives all records the categories of the coming policy besides those that they have, and puts it in force. Safe to repeat, to break off,
 * and to run beside itself. Whoever writes meanwhile follows the rules of both policies (`Access.categorize`).
 */
async function toFollow(store: Store, current: CurrentPolicy, coming: Policy): Promise<Result<void>> {
  const isOnly = current.known() === undefined;
  await markInexact(store);
  return pass(store, current, { rules: coming.rules, isExact: isOnly });
}

/** Takes from all records the categories that only policies of before said. */
async function tidy(store: Store, current: CurrentPolicy, policy: Policy): Promise<Result<void>> {
  return pass(store, current, { rules: policy.rules, isExact: true });
}

async function pass(store: Store, current: CurrentPolicy, wanted: Labelled): Promise<Result<void>> {
  const passed = await passAll(store, current);
  if (!passed.ok) return passed;
  const kept = await store.transact(actor, async (tx) => {
    await holdPolicies(tx.own);
    const { inForce, coming } = await current.look(tx.own);
    // Where another one was loaded meanwhile, its own job comes.
    if ((coming ?? inForce)?.rules === wanted.rules) await keepLabelled(tx.own, wanted);
    return ok(undefined);
  });
  current.forget();
  return kept;
}

async function passAll(store: Store, current: CurrentPolicy): Promise<Result<void>> {
  for (let after: string | undefined = '0'; after !== undefined; ) {
    const from: string = after;
    await current.get();
    const { policies, inherits } = current.rules();
    if (policies.length === 0) return fail('internal', 'There is no policy to go by.');
    await keepInheritance(store, inherits);
    const categorize = categoriesBy(policies);
    const done: Result<string | undefined> = await store.transact(actor, async (tx) =>
      ok(await relabel(tx, { categorize }, from, limits.access.relabelRows)),
    );
    if (!done.ok) return done;
    after = done.value;
  }
  return ok(undefined);
}

/** A job is for one policy, by its version, which every process has had the time to hear of; or it tidies up, when none is coming. */
export function relabelJob(current: CurrentPolicy): JobHandler {
  return {
    kind: relabelKind,
    async run({ key }, { store, clock }) {
      if (!(await haveEnded(store, await instant(store))))
        return fail('busy', 'A transaction is open that may know the policy before only.', { retryAfterSeconds: 10 });
      current.forget();
      const inForce = await current.get();
      const coming = current.coming();
      const isUntidy = key === tidying || (await labelled(store))?.isExact === false;
      if (inForce && !coming && isUntidy) return tidy(store, current, inForce);
      if (coming?.version !== key) return ok(undefined);
      const done = await toFollow(store, current, coming);
      return done.ok ? queueTidying(store, clock.now()) : done;
    },
  };
}

/** By then every process follows what was decided before `now`: it asks the database so often. */
const settled = (now: Date) => new Date(now.getTime() + 2 * limits.access.rememberedMs);

/** Queues the job for when every process knows the new policy. */
export function queueRelabel(
  store: Store,
  { version, effective }: Pick<PolicyDocument, 'version' | 'effective'>,
  now: Date,
): Promise<Result<void>> {
  // The day begins first at UTC+14.
  const begins = Date.parse(`${effective}T00:00:00+14:00`);
  return queue(store, version, settled(new Date(Math.max(now.getTime(), begins))));
}

/** Queues the job that takes away what only policies of before said. */
function queueTidying(store: Store, now: Date): Promise<Result<void>> {
  return queue(store, tidying, settled(now));
}

function queue(store: Store, key: string, runAt: Date): Promise<Result<void>> {
  return store.transact(actor, async (tx) => {
    await tx.enqueue({ kind: relabelKind, key, runAt });
    return ok(undefined);
  });
}

async function instant(sql: Sql): Promise<string> {
  const [row] = await sql.query<{ now: string }>('SELECT clock_timestamp()::text AS now');
  return row?.now ?? 'infinity';
}

/**
 * Waits until the transactions have ended that were open at an instant: what they write has the categories of the policies that they knew.
 * False when one takes long.
 */
async function haveEnded(sql: Sql, at: string): Promise<boolean> {
  for (let tried = 0; tried < limits.access.openTransactionChecks; tried++) {
    const open = await sql.query(
      `SELECT 1 AS one FROM pg_stat_activity
        WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid() AND xact_start < $1::timestamptz`,
      [at],
    );
    if (open.length === 0) return true;
    await delay(limits.access.openTransactionCheckMs);
  }
  return false;
}
