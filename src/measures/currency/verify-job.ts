import { ok } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { JobHandler } from '../../module.ts';
import { dayOf } from './day.ts';
import { forgetUnused } from './forget-unused.ts';
import type { Prepared } from './prepared.ts';
import { nextNight } from './sweep-job.ts';
import { noteVerification } from './verification-log.ts';
import { logDifferences, type Verification, verifyChildren } from './verify.ts';
import { yearOfDay } from './year.ts';

export const verifyJobKind = 'measures.verify';

/**
 * Every night, after the sweep: answers of some children, others each night, are computed from nothing but the records and held against what is
 * kept. Also forgets answers that nobody has any more and results of measures that are gone.
 */
export function createVerifyJob(prepared: () => Prepared, zone: string): JobHandler {
  return {
    kind: verifyJobKind,
    async run({ kind, key }, { store, clock, log }) {
      const today = dayOf(clock.now(), zone);
      const sample = await store.query<{ patient_id: string }>(
        'SELECT patient_id FROM measure_child WHERE present ORDER BY md5(patient_id || $1) LIMIT $2',
        [today, limits.measures.verifiedChildren],
      );
      const ids = sample.map(({ patient_id }) => patient_id);
      const found: Verification = { checked: 0, differing: new Map() };
      const { measures } = prepared();
      for (let from = 0; from < ids.length; from += limits.measures.subjectsPerBatch) {
        const some = ids.slice(from, from + limits.measures.subjectsPerBatch);
        await verifyChildren({ store, clock, zone }, measures, yearOfDay(today), some, found);
      }
      logDifferences(log, found);
      const actor = { kind: 'system', id: 'measures', requestId: verifyJobKind } as const;
      return store.transact(actor, async (tx) => {
        await noteVerification(tx, found, clock.now());
        await forgetUnused(
          tx.own,
          measures.map(({ name }) => name),
        );
        await tx.enqueue({
          kind,
          key,
          runAt: new Date(nextNight({ clock, zone }).getTime() + limits.measures.nightMs),
        });
        return ok(undefined);
      });
    },
  };
}
