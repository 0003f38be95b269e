import { ok } from '../../base/errors.ts';
import { childOf } from '../../care/child.ts';
import { isMirror } from '../../fhir/mirror.ts';
import { isRestricted } from '../../fhir/plan-view/restricted.ts';
import type { Resource } from '../../fhir/types.ts';
import { isSync } from '../../store/sync-actor.ts';
import type { WriteConclusion } from '../../store/types.ts';
import { asking } from './outbox.ts';

const sentIntents: ReadonlySet<unknown> = new Set(['order', 'plan', 'proposal', 'original-order']);

/** Is this a referral that a hospital should have? Only one made here, active, not a mere option, and not labelled as restricted. */
export function isSendable(referral: Resource): boolean {
  return (
    !isMirror(referral) && !isRestricted(referral) && referral.status === 'active' && sentIntents.has(referral.intent)
  );
}

/**
 * Queues referrals for the sites that know the child: when they become active, and whenever they change after they were sent. Which sites
 * these are the database finds with the commit.
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
    if (referrals.length === 0) return ok(undefined);
    const values = [
      referrals.map(({ id }) => id),
      referrals.map(({ patientId }) => patientId),
      referrals.map(({ after }) => isSendable(after)),
    ];
    tx.atEnd(asked.rows, values, { isList: true });
    tx.enqueueFound(asked.jobs, values);
    return ok(undefined);
  },
};

/** What is not to be sent is brought all the same where the site has been sent the referral, or is about to be. */
const asked = asking({
  kind: 'referral',
  type: 'ServiceRequest',
  setting: 'referrals',
  from: 'SELECT * FROM unnest($1::text[], $2::text[], $3::boolean[]) AS r (resource, child, is_sendable)',
  where: `w.is_sendable
    OR EXISTS (SELECT 1 FROM ehr_outbox o WHERE o.site = s.id AND o.kind = 'referral' AND o.resource_id = w.resource)
    OR EXISTS (SELECT 1 FROM ehr_written e WHERE e.site = s.id AND e.kind = 'referral' AND e.resource_id = w.resource)`,
});
