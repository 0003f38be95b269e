import { ok } from '../../base/errors.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Tx, WriteEffect } from '../../store/types.ts';
import type { MeasureDefinition } from '../types.ts';
import { evaluateJobKind } from './evaluate-job.ts';
import { markStale } from './results.ts';
import { patientOf } from './slice.ts';

/**
 * A change to a record that a measure reads makes that child's result of that measure out of date, in the transaction of the
 * change, and queues its evaluation. Other measures and other children are not touched.
 */
export function createStaleMark(measures: readonly MeasureDefinition[]): WriteEffect {
  // A bundle may change hundreds of records of one child: one mark is enough: it is made with the commit, so no evaluation
  // that saw less of the record can save after it.
  const marked = new WeakMap<Tx, Set<string>>();
  return {
    name: 'measures.stale',
    types: [...new Set(measures.flatMap(({ retrieves }) => retrieves))].sort(),
    async apply(change, tx) {
      const done = marked.get(tx) ?? new Set<string>();
      marked.set(tx, done);
      const reading = measures.filter(({ retrieves }) => retrieves.includes(change.type)).map(({ name }) => name);
      for (const patientId of patientsOf([change.before, change.after])) {
        const names = reading.filter((name) => !done.has(`${name}|${patientId}`)).sort();
        if (names.length === 0) continue;
        markStale(tx, names, patientId);
        for (const measure of names) {
          const key = `${measure}|${patientId}`;
          await tx.enqueue({ kind: evaluateJobKind, key, payload: { measure, patientId } });
          done.add(key);
        }
      }
      return ok(undefined);
    },
  };
}

/** A record moved from one child to another changes both. */
function patientsOf(versions: readonly (Resource | undefined)[]): string[] {
  const ids = versions.flatMap((version) => (version && patientOf(version)) ?? []);
  return [...new Set(ids)].sort();
}
