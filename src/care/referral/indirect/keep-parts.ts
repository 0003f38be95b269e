import { ok, type Result } from '../../../base/errors.ts';
import { isOfType } from '../../../fhir/of-type.ts';
import type { Tx, WriteEffect } from '../../../store/types.ts';
import { currentOf } from '../../stored.ts';
import { stateOf, statusFor } from '../canonical-state.ts';
import { fulfillsReferral } from '../states.ts';
import { followParts } from './follow.ts';
import { partsOf, sourceIdOf } from './parts-of.ts';

/** Moves that may follow from one: sent, accepted, active, completed. */
const stepsMax = 4;

/**
 * Keeps where each part of a referral stands, and lets the source follow, in the part's own transaction. An effect, so that clocks, teams and the
 * source's own request see the source move.
 */
export const keepParts: WriteEffect = {
  name: 'referral-follows-parts',
  types: ['Task'],
  async apply({ id, after, before }, tx) {
    const task = isOfType(after, 'Task') ? after : undefined;
    const sourceId = task && fulfillsReferral(task) ? sourceIdOf(task) : undefined;
    const state = task && stateOf(task);
    if (sourceId === undefined || state === undefined) {
      const was = isOfType(before, 'Task') ? sourceIdOf(before) : undefined;
      if (was !== undefined) await tx.own.query('DELETE FROM referral_part WHERE task_id = $1', [id]);
      return ok(undefined);
    }
    await tx.own.query(
      `INSERT INTO referral_part (task_id, source_id, state) VALUES ($1, $2, $3)
       ON CONFLICT (task_id) DO UPDATE SET source_id = EXCLUDED.source_id, state = EXCLUDED.state`,
      [id, sourceId, state],
    );
    return follow(sourceId, tx);
  },
};

async function follow(sourceId: string, tx: Tx): Promise<Result<void>> {
  await tx.hold([{ type: 'Task', id: sourceId }]);
  const parts = await partsOf(tx.own, sourceId);
  for (let step = 0; step < stepsMax; step += 1) {
    const source = currentOf(await tx.read('Task', sourceId));
    const from = isOfType(source, 'Task') && fulfillsReferral(source) ? stateOf(source) : undefined;
    const to = from && followParts(from, parts);
    if (to === undefined || source === undefined) return ok(undefined);
    const { businessStatus: _was, ...rest } = source;
    const written = await tx.update({ ...rest, ...statusFor(to) });
    if (!written.ok) return written;
  }
  return ok(undefined);
}
