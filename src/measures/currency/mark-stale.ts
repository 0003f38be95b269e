import { ok, type Result } from '../../base/errors.ts';
import type { Change, Tx, WriteEffect } from '../../store/types.ts';
import { evaluateJobKind } from './evaluate-job.ts';
import { createMarks, type Marks } from './marks.ts';
import { childrenWith, lockMedications } from './medications.ts';
import { isReplaced, ownersOf } from './owners.ts';
import type { Sight } from './sight.ts';
import { medicationsOf } from './slice.ts';

/**
 * A change makes out of date, in its own transaction, the answers of those measures that can see the record as it was or as it is, for the
 * children that it is or was about; and queues the evaluation of these children. Other measures and other children are not touched.
 */
export function createStaleMark(sight: () => Sight): WriteEffect {
  // One list a transaction, written with its commit: no evaluation that saw less of the record can count as current after it.
  const open = new WeakMap<Tx, Marks>();
  return {
    name: 'measures.stale',
    types: 'all',
    async apply(change, tx) {
      const seen = sight();
      if (change.type !== 'Patient' && !seen.types.has(change.type)) return ok(undefined);
      const marks = open.get(tx) ?? createMarks(tx);
      open.set(tx, marks);
      if (change.type === 'Patient') marks.addAll(change.id, isCounted(change));
      else if (change.type === 'Medication') {
        const marked = await markMedication(change, tx, seen, marks);
        if (!marked.ok) return marked;
      } else await markRecord(change, tx, seen, marks);
      for (const child of marks.takeNew()) {
        await tx.enqueue({ kind: evaluateJobKind, key: child, payload: { patientId: child } });
      }
      return ok(undefined);
    },
  };
}

/** Every measure is about the Patient: its dates, its end, and whether it counts at all. */
function isCounted({ after }: Change): boolean {
  return after !== undefined && !isReplaced(after);
}

const versionsOf = ({ before, after }: Change) => [before, after].filter((version) => version !== undefined);

/** A record moved from one child to another changes both. */
async function markRecord(change: Change, tx: Tx, sight: Sight, marks: Marks): Promise<void> {
  const versions = versionsOf(change);
  for (const version of versions) {
    const measures = sight.seenBy(version);
    if (measures.size === 0) continue;
    for (const child of ownersOf(version)) marks.add(child, measures);
  }
  // The Medication may be written by somebody else at this very moment.
  if (sight.types.has('Medication')) await lockMedications(tx, versions.flatMap(medicationsOf));
}

async function markMedication(change: Change, tx: Tx, sight: Sight, marks: Marks): Promise<Result<void>> {
  const measures = versionsOf(change).flatMap((version) => [...sight.seenBy(version)]);
  await lockMedications(tx, [change.id]);
  const children = await childrenWith(tx, change.id);
  if (!children.ok) return children;
  for (const child of children.value) marks.add(child, measures);
  return ok(undefined);
}
