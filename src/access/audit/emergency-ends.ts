import type { Tx } from '../../store/types.ts';
import type { AuditEntry } from './entry.ts';
import { insertion } from './insert.ts';

/**
 * Emergency accesses that have ended and that no entry tells the end of: they end by the clock, so nobody is there to say it. The sealer asks,
 * one at a time, so that each end is told once (PP-61). What ended long ago may have been pruned, and is not told again.
 */
const endedText = `
  SELECT e.id::text, e.fhir_user, e.client_id, e.patient_id, e.reason, e.policy FROM access_emergency e
   WHERE e.ends_at <= $1::timestamptz AND e.ends_at > $1::timestamptz - interval '30 days'
     AND NOT EXISTS (SELECT FROM audit_event k WHERE k.act = 'emergency-stop' AND k.entry::json ->> 'detail' = e.id::text)
     AND NOT EXISTS (SELECT FROM audit_pending p WHERE p.entry::json ->> 'act' = 'emergency-stop'
                        AND p.entry::json ->> 'detail' = e.id::text)`;

interface Ended {
  id: string;
  fhir_user: string;
  client_id: string;
  patient_id: string;
  reason: string;
  policy: string;
}

/** Lets the end of each wait for the sealer. */
export async function tellEmergencyEnds(tx: Tx, now: Date): Promise<void> {
  const ended = await tx.own.query<Ended>(endedText, [now.toISOString()]);
  if (ended.length === 0) return;
  const entries = ended.map(
    (one): AuditEntry => ({
      act: 'emergency-stop',
      outcome: 'success',
      who: {
        client: one.client_id,
        person: one.fhir_user,
        purpose: [one.reason],
        emergency: true,
        policy: one.policy,
      },
      patients: [one.patient_id],
      detail: one.id,
    }),
  );
  const { text, values } = insertion(entries, now);
  await tx.own.query(text, values);
}
