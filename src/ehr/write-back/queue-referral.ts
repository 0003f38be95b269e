import { ok } from '../../base/errors.ts';
import { childOf } from '../../care/child.ts';
import { isMirror } from '../../fhir/mirror.ts';
import { isRestricted } from '../../fhir/plan-view/restricted.ts';
import type { Resource } from '../../fhir/types.ts';
import type { WriteEffect } from '../../store/types.ts';
import { isEhr } from '../actor.ts';
import { queueWriteBack, sitesTaking } from './outbox.ts';

const sentIntents: ReadonlySet<unknown> = new Set(['order', 'plan', 'proposal', 'original-order']);

/** Is this a referral that a hospital should have? Only one made here, active, not a mere option, and not labelled as restricted. */
export function isSendable(referral: Resource): boolean {
  return (
    !isMirror(referral) && !isRestricted(referral) && referral.status === 'active' && sentIntents.has(referral.intent)
  );
}

/** Queues a referral for the sites that know the child: when it becomes active, and whenever it changes after it was sent. */
export const referralEffect: WriteEffect = {
  name: 'ehr-referral',
  types: ['ServiceRequest'],
  async apply(change, tx) {
    const { after, id } = change;
    const patientId = childOf(after);
    if (isEhr(tx.actor) || after === undefined || patientId === undefined || isMirror(after)) return ok(undefined);
    for (const site of await sitesTaking(tx.own, 'referral', patientId)) {
      const known = await tx.own.query(
        `select 1 from ehr_outbox where site = $1 and kind = 'referral' and resource_id = $2
         union all select 1 from ehr_written where site = $1 and kind = 'referral' and resource_id = $2 limit 1`,
        [site, id],
      );
      if (!isSendable(after) && known.length === 0) continue;
      await queueWriteBack(tx, { site, kind: 'referral', type: 'ServiceRequest', resourceId: id, patientId });
    }
    return ok(undefined);
  },
};
