import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Change, Tx, WriteConclusion } from '../../store/types.ts';
import { currentOf } from '../stored.ts';
import { putClock, removeClock } from './clock-row.ts';
import { standingOf } from './standing.ts';

interface Row {
  task_id: string;
  state: string | null;
  entered_at: Date;
  escalation_id: string | null;
}

/**
 * Keeps, in the transaction of every Task, its row of task_clock: since when it stands where it stands, and when that is too long. A referral
 * that moves on needs the Task no more that told of its delay; one that goes to somebody else (a new Task for the same request) no more attention
 * where it was declined or failed. `zone`: of the house, whose days people promise.
 */
export function keepTaskClocks(zone: string): WriteConclusion {
  return {
    name: 'task-clocks',
    async conclude(changes, tx) {
      const last = new Map(changes.filter(({ type }) => type === 'Task').map((change) => [change.id, change]));
      if (last.size === 0) return ok(undefined);
      // A Task whose id was made here has no row yet, also when it was changed again since.
      const isNew = new Set(changes.flatMap((change) => (change.type === 'Task' && change.isNew ? [change.id] : [])));
      const before = [...last.keys()].filter((id) => !isNew.has(id));
      const rows = before.length === 0 ? [] : await tx.own.query<Row>(knownText, [before], 'task-clocks');
      const known = new Map(rows.map((row) => [row.task_id, row]));
      for (const change of last.values()) {
        const kept = await keep(change, known.get(change.id), { tx, zone });
        if (!kept.ok) return kept;
      }
      return ok(undefined);
    },
  };
}

const knownText = `SELECT task_id, state, entered_at, escalation_id FROM task_clock
  WHERE task_id = ANY ((SELECT $1::text[])::text[])`;

async function keep(
  { id, after, stored }: Change,
  known: Row | undefined,
  { tx, zone }: { tx: Tx; zone: string },
): Promise<Result<void>> {
  const task = isOfType(after, 'Task') ? after : undefined;
  const standing = task && standingOf(task, zone);
  if (!task || !standing || !stored) {
    removeClock(tx, id);
  } else {
    const changedAt = new Date(stored.lastUpdated);
    const enteredAt = known?.state === standing.state ? known.entered_at : changedAt;
    putClock(tx, { ...task, id }, standing, { enteredAt, changedAt });
    if (standing.requestId !== undefined && known === undefined) tx.atEnd(rerouted, [standing.requestId, id]);
  }
  const hasMoved = known?.state !== standing?.state;
  return known?.escalation_id && hasMoved ? settle(known.escalation_id, tx) : ok(undefined);
}

const rerouted = `DELETE FROM task_clock
  WHERE request_id = $1 AND task_id <> $2 AND state IN ('declined', 'failed')`;

/** What told of the delay is done: the referral has moved. Whoever closed it by hand before has done it already. */
async function settle(id: string, tx: Tx): Promise<Result<void>> {
  const task = currentOf(await tx.read('Task', id));
  if (!isOfType(task, 'Task') || standingOf(task) === undefined) return ok(undefined);
  const written = await tx.update({ ...task, status: 'completed' });
  if (written.ok) removeClock(tx, id);
  return written.ok ? ok(undefined) : written;
}
