import { ok, type Result } from '../../base/errors.ts';
import type { Actor, Store } from '../../store/types.ts';
import type { Site } from '../sites/site.ts';
import { queuePlan } from './queue-plan.ts';

/**
 * At the end of a run: queues the plan document of every child of the site. Covers plans composed before the site took documents,
 * and mirrors that changed in the run; documents that say the same as before are settled without a request.
 */
export async function queuePlans(store: Store, actor: Actor, site: Site): Promise<Result<void>> {
  if (!site.writeBack.planDocument) return ok(undefined);
  const children = await store.query<{ id: string }>(
    `select distinct l.id from ehr_link l join shared_plan p on p.patient_id = l.id
     where l.site = $1 and l.type = 'Patient' order by l.id`,
    [site.id],
  );
  for (const { id } of children) {
    const queued = await store.transact(actor, (tx) => queuePlan(tx, id, site.id));
    if (!queued.ok) return queued;
  }
  return ok(undefined);
}
