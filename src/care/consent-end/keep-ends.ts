import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { WriteConclusion } from '../../store/types.ts';
import { consentEndJob } from './end-job.ts';
import { endOf } from './last-moment.ts';

/** Keeps, in the transaction of every Consent, when it runs out, and has the house wake then. What does not hold any more does not run out. */
export function keepConsentEnds(zone: string): WriteConclusion {
  return {
    name: 'consent-ends',
    async conclude(changes, tx) {
      const last = new Map(changes.filter(({ type }) => type === 'Consent').map((change) => [change.id, change]));
      for (const { id, after } of last.values()) {
        const holds = isOfType(after, 'Consent') && after.status === 'active';
        const end = holds ? endOf(after.provision?.period, zone) : undefined;
        if (end === undefined) {
          tx.atEnd('DELETE FROM consent_end WHERE consent_id = $1', [id]);
          continue;
        }
        tx.atEnd(
          `INSERT INTO consent_end (consent_id, ends_at) VALUES ($1, $2)
           ON CONFLICT (consent_id) DO UPDATE SET ends_at = EXCLUDED.ends_at`,
          [id, end],
        );
        await tx.enqueue({ ...consentEndJob, runAt: end });
      }
      return ok(undefined);
    },
  };
}
