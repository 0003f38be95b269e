import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { isMirror } from '../../fhir/mirror.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { closedTaskStates } from '../../fhir/plan-view/actions.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Tx, WriteConclusion } from '../../store/types.ts';
import { childOf } from '../child.ts';
import { currentOf, resourceOf } from '../stored.ts';
import { careTaskSystem } from './vocabulary.ts';

/** Kinds of attempts to reach a family. */
const kinds: ReadonlySet<string> = new Set(['outreach-call', 'outreach-message', 'outreach-letter', 'outreach-visit']);
const windowMs = 7 * 24 * 3_600_000;

/**
 * A family is not called twice in a week because it is in two programs: a new outreach Task of the same kind as an open one of the last seven days is
 * cancelled, with the reason, as part of the other (S4.25).
 */
export function collapseOutreach(clock: Clock): WriteConclusion {
  return {
    name: 'one-outreach',
    async conclude(changes, tx) {
      if (tx.actor.kind === 'system' && tx.actor.id === 'ehr') return ok(undefined);
      const created = changes.filter(({ type, outcome }) => type === 'Task' && outcome === 'created');
      for (const [index, { id, after }] of created.entries()) {
        if (!isOfType(after, 'Task') || kindOf(after) === undefined) continue;
        const task = currentOf(await tx.read('Task', id));
        // Those that this transaction wrote after it are not there before it.
        const later = new Set(created.slice(index + 1).map((one) => one.id));
        const done = isOfType(task, 'Task') ? await collapse(task, later, tx, clock) : ok(undefined);
        if (!done.ok) return done;
      }
      return ok(undefined);
    },
  };
}

function kindOf({ code }: r4.Task): string | undefined {
  return code?.coding?.find((one) => one.system === careTaskSystem && kinds.has(one.code ?? ''))?.code;
}

async function collapse(
  task: r4.Task & Resource,
  later: ReadonlySet<string>,
  tx: Tx,
  clock: Clock,
): Promise<Result<void>> {
  const kind = kindOf(task);
  const child = childOf(task);
  if (kind === undefined || child === undefined || isMirror(task) || closedTaskStates.has(task.status))
    return ok(undefined);
  await tx.lock(`outreach:${child}`);
  const others = (await tx.recordsOf([child], ['Task'])).map(({ stored }) => resourceOf(stored));
  const since = clock.now().getTime() - windowMs;
  const earlier = others.find(
    (one) =>
      isOfType(one, 'Task') &&
      one.id !== task.id &&
      !later.has(one.id ?? '') &&
      kindOf(one) === kind &&
      !closedTaskStates.has(one.status) &&
      begunAt(one) >= since,
  );
  if (earlier === undefined) return ok(undefined);
  const written = await tx.update({
    ...task,
    status: 'cancelled',
    statusReason: {
      coding: [{ system: careTaskSystem, code: 'same-outreach' }],
      text: 'The same family is to be reached in the same way this week already: see the Task that this is part of.',
    },
    partOf: [...(task.partOf ?? []), { reference: `Task/${earlier.id}` }],
  });
  return written.ok ? ok(undefined) : written;
}

function begunAt(task: r4.Task & Resource): number {
  return Date.parse(task.authoredOn ?? task.meta?.lastUpdated ?? '');
}
