import { ok, type Result } from '../../base/errors.ts';
import type { Actor, Store } from '../../store/types.ts';
import type { Site } from '../sites/site.ts';
import { asking } from './outbox.ts';

/**
 * At the end of a run: queues the plan document of the children whose mirrors changed in it, and of those whose document the
 * site does not have (a plan older than the site, or one that was refused). What says the same as before is not sent.
 */
export async function queuePlans(
  store: Store,
  actor: Actor,
  site: Site,
  changed: readonly string[],
): Promise<Result<void>> {
  if (!site.writeBack.planDocument) return ok(undefined);
  const children = await store.query<{ id: string }>(
    `select distinct l.id from ehr_link l join shared_plan p on p.patient_id = l.id
     where l.site = $1 and l.type = 'Patient' and (l.id = any ($2) or not exists (select 1 from ehr_written w
       where w.site = l.site and w.kind = 'plan-document' and w.resource_id = p.plan_id))
     order by l.id`,
    [site.id, changed],
  );
  for (const { id } of children) {
    const queued = await store.transact(actor, async (tx) => {
      const values = [[id], [site.id]];
      tx.atEnd(planOfOne.rows, values, { isList: true });
      tx.enqueueFound(planOfOne.jobs, values);
      return ok(undefined);
    });
    if (!queued.ok) return queued;
  }
  return ok(undefined);
}

const planOfOne = asking({
  kind: 'plan-document',
  type: 'CarePlan',
  setting: 'planDocument',
  from: `SELECT p.plan_id AS resource, p.patient_id AS child, c.site
    FROM unnest($1::text[], $2::text[]) AS c (child, site) JOIN shared_plan p ON p.patient_id = c.child`,
  where: 's.id = w.site',
});
