import { ok } from '../../base/errors.ts';
import { childOf } from '../../care/child.ts';
import { isMirror } from '../../fhir/mirror.ts';
import { isRestricted } from '../../fhir/plan-view/restricted.ts';
import type { Resource } from '../../fhir/types.ts';
import { isSync } from '../../store/sync-actor.ts';
import type { Tx, WriteConclusion } from '../../store/types.ts';
import { queueWriteBack, sitesTaking } from './outbox.ts';

const sentIntents: ReadonlySet<unknown> = new Set(['order', 'plan', 'proposal', 'original-order']);

/** Is this a referral that a hospital should have? Only one made here, active, not a mere option, and not labelled as restricted. */
export function isSendable(referral: Resource): boolean {
  return (
    !isMirror(referral) && !isRestricted(referral) && referral.status === 'active' && sentIntents.has(referral.intent)
  );
}

/**
 * Queues referrals for the sites that know the child: when they become active, and whenever they change after they were sent. Which sites
 * these are is one question for all that a transaction wrote.
 */
export const referralConclusion: WriteConclusion = {
  name: 'ehr-referral',
  async conclude(changes, tx) {
    if (isSync(tx.actor)) return ok(undefined);
    const last = new Map(changes.filter(({ type }) => type === 'ServiceRequest').map((change) => [change.id, change]));
    const referrals = [...last.values()].flatMap(({ id, after }) => {
      const patientId = childOf(after);
      return after === undefined || patientId === undefined || isMirror(after) ? [] : [{ id, after, patientId }];
    });
    const sites = await sitesTaking(tx.own, 'referral', [...new Set(referrals.map(({ patientId }) => patientId))]);
    for (const { id, after, patientId } of referrals) {
      for (const site of sites.get(patientId) ?? []) {
        if (isSendable(after) || (await isKnown(tx, site, id))) {
          await queueWriteBack(tx, { site, kind: 'referral', type: 'ServiceRequest', resourceId: id, patientId });
        }
      }
    }
    return ok(undefined);
  },
};

/** Whether the site has been sent the referral, or is about to be. */
async function isKnown(tx: Tx, site: string, id: string): Promise<boolean> {
  const known = await tx.own.query(
    `select 1 from ehr_outbox where site = $1 and kind = 'referral' and resource_id = $2
     union all select 1 from ehr_written where site = $1 and kind = 'referral' and resource_id = $2 limit 1`,
    [site, id],
  );
  return known.length > 0;
}
