import { createHash } from 'node:crypto';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { JobHandler } from '../../module.ts';
import { keepInheritance } from '../../store/categories.ts';
import { relabel } from '../../store/reindex/relabel.ts';
import { keepServerSetting, serverSetting } from '../../store/settings.ts';
import type { Store } from '../../store/types.ts';
import { categoriesOf } from './categories.ts';
import type { Policy } from './compile.ts';
import type { CurrentPolicy } from './current.ts';

/** The job that gives stored records the categories of a policy that has changed. */
export const relabelKind = 'privacy-relabel';

const setting = 'privacy-rules';
const actor = { kind: 'system', id: 'privacy', requestId: 'relabel' } as const;

/** What of a policy decides the categories of records: two policies with the same give the same. */
export function rulesOf({ document: { systems, categories, inherits } }: Policy): string {
  return createHash('sha256').update(JSON.stringify({ systems, categories, inherits })).digest('base64url');
}

/** Works out the categories of all records anew when the policy's rules are not those that the records were given them by. Safe to repeat. */
export async function bringLabelsUpToDate(store: Store, policy: Policy | undefined): Promise<Result<void>> {
  // Without a policy nobody but system clients sees anything: the categories are worked out when there is one again.
  if (!policy) return ok(undefined);
  await keepInheritance(store, policy.document.inherits);
  const rules = rulesOf(policy);
  if ((await serverSetting(store, setting)) === rules) return ok(undefined);
  const categorize = (resource: Parameters<typeof categoriesOf>[0]) => categoriesOf(resource, policy);
  for (let after: string | undefined = '0'; after !== undefined; ) {
    const from: string = after;
    const done: Result<string | undefined> = await store.transact(actor, async (tx) =>
      ok(await relabel(tx, { categorize }, from, limits.access.relabelRows)),
    );
    if (!done.ok) return done;
    after = done.value;
  }
  await keepServerSetting(store, setting, rules);
  return ok(undefined);
}

export function relabelJob(current: CurrentPolicy): JobHandler {
  return {
    kind: relabelKind,
    async run(_job, { store }) {
      current.forget();
      const policy = await current.get();
      return policy ? bringLabelsUpToDate(store, policy) : fail('internal', 'There is no policy to go by.');
    },
  };
}

/** Queues the job for when every process follows the new policy. */
export function queueRelabel(store: Store, effective: string, now: Date): Promise<Result<void>> {
  const settled = now.getTime() + 2 * limits.access.rememberedMs;
  // The day begins first at UTC+14.
  const begins = Date.parse(`${effective}T00:00:00+14:00`) + 2 * limits.access.rememberedMs;
  return store.transact(actor, async (tx) => {
    await tx.enqueue({ kind: relabelKind, key: effective, runAt: new Date(Math.max(settled, begins)) });
    return ok(undefined);
  });
}
