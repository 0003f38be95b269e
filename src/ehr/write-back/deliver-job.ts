import { ok } from '../../base/errors.ts';
import type { JobHandler } from '../../module.ts';
import { ehrActor } from '../actor.ts';
import type { EhrDeps } from '../deps.ts';
import { reopenSession } from '../site-session.ts';
import { siteById } from '../sites/registry.ts';
import { deliverSite } from './deliver.ts';
import { deliverJob, nextDue } from './outbox.ts';

/**
 * The job that delivers a site's outbox. What has to wait is picked up by a job of its own at that time, so that a site that asks
 * for patience is not taken for a failing job.
 */
export function createDeliverJob(deps: EhrDeps): JobHandler {
  return {
    kind: deliverJob,
    async run(job, { store }) {
      const site = await siteById(store, typeof job.payload.site === 'string' ? job.payload.site : job.key);
      if (!site || site.state === 'paused') return ok(undefined);
      const session = await reopenSession(store, site, deps);
      if (!session.ok) return session;
      try {
        await deliverSite(store, session.value, deps);
      } finally {
        await session.value.close();
      }
      const runAt = await nextDue(store, site.id);
      if (runAt === undefined) return ok(undefined);
      return store.transact(ehrActor('outbox'), async (tx) => {
        const key = `${site.id} ${runAt.toISOString()}`;
        await tx.enqueue({ kind: deliverJob, key, payload: { site: site.id }, runAt });
        return ok(undefined);
      });
    },
  };
}
