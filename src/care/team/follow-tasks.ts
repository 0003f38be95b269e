import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { isMirror } from '../../fhir/mirror.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Change, Stored, Tx, WriteConclusion } from '../../store/types.ts';
import { childOf } from '../child.ts';
import { keepMembers, type ReasonChange } from './keep-members.ts';
import { isPlain } from './plain.ts';

/** States in which the owner has taken the Task on. Merely requested or received is not enough (decision D8). */
const takenOn: ReadonlySet<string> = new Set(['accepted', 'ready', 'in-progress']);

/** A hold does not undo an acceptance, and is none. */
const onHold = 'on-hold';

/** Whom a Task brings to the team: not the child and the family, who are there by who they are, and no devices. */
const workers = /^(Practitioner|PractitionerRole|Organization|CareTeam)\/[A-Za-z0-9.-]{1,64}$/;

/**
 * Who accepts a Task for a child is on the child's care team from that moment, and no longer when the last of their Tasks ends (decision D8), in
 * the Task's transaction. A hospital's own Tasks do nothing, and neither do those of a privacy category: the team is seen by more people than
 * they are, and its members would tell what they are about.
 */
export function followTasks(clock: Clock): WriteConclusion {
  return {
    name: 'team-follows-tasks',
    async conclude(changes, tx) {
      if (tx.actor.kind === 'system' && tx.actor.id === 'ehr') return ok(undefined);
      const last = new Map(changes.filter(({ type }) => type === 'Task').map((change) => [change.id, change]));
      // Most Tasks that are new are nobody's work yet, and no others have a reason to be looked up.
      const some = [...last.values()].filter(
        ({ outcome, after }) => outcome !== 'created' || ownerOf(after) !== undefined,
      );
      if (some.length === 0) return ok(undefined);
      const held = await tx.own.query<Held>(
        'SELECT reason, patient_id, member FROM team_reason WHERE reason = ANY ($1)',
        [some.map(({ id }) => `Task/${id}`)],
      );
      return followEach(some, new Map(held.map((row) => [row.reason, row])), tx, clock);
    },
  };
}

interface Held {
  reason: string;
  patient_id: string;
  member: string;
}

async function followEach(
  changes: readonly Change[],
  held: ReadonlyMap<string, Held>,
  tx: Tx,
  clock: Clock,
): Promise<Result<void>> {
  const byChild = new Map<string, ReasonChange[]>();
  const add = (child: string, change: ReasonChange) => byChild.set(child, [...(byChild.get(child) ?? []), change]);
  for (const { id, after, stored } of changes) {
    const reason = `Task/${id}`;
    const before = held.get(reason);
    const task = isOfType(after, 'Task') ? after : undefined;
    const child = task && childOf(task);
    const member = await workerOf(task, before?.member, stored, tx);
    if (before && before.patient_id !== child) add(before.patient_id, { reason });
    if (child !== undefined && task && (member !== undefined || before))
      add(child, { reason, ...(member !== undefined && { now: { member, role: roleIn(task) } }) });
  }
  // In one order, so that two transactions never wait for each other's team.
  for (const child of [...byChild.keys()].sort()) {
    const kept = await keepMembers(tx, child, byChild.get(child) ?? [], clock);
    if (!kept.ok) return kept;
  }
  return ok(undefined);
}

/** Cancellation was asked for (BSeR 5.2): whoever had not accepted it before is not brought to the team by that. */
function isWithdrawn({ businessStatus }: r4.Task): boolean {
  const system = 'http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS';
  return businessStatus?.coding?.some((coding) => coding.system === system && coding.code === '5.2') === true;
}

/** Who is on the team by this Task now. `before`: who was. */
async function workerOf(
  task: (r4.Task & { meta?: { source?: string } }) | undefined,
  before: string | undefined,
  stored: Stored | undefined,
  tx: Tx,
): Promise<string | undefined> {
  const owner = task?.owner?.reference?.split('/_history/')[0];
  if (!task || owner === undefined || !workers.test(owner) || isMirror(task)) return undefined;
  if (task.status === onHold || isWithdrawn(task)) return before === owner ? owner : undefined;
  if (!takenOn.has(task.status)) return undefined;
  if (before === owner) return owner;
  return (await isPlain(tx, stored)) ? owner : undefined;
}

function ownerOf(task: Change['after']): string | undefined {
  return isOfType(task, 'Task') && takenOn.has(task.status) ? task.owner?.reference : undefined;
}

function roleIn(task: r4.Task): r4.CodeableConcept {
  const [stated] = task.performerType ?? [];
  if (stated !== undefined) return stated;
  return { text: task.focus?.reference?.startsWith('ServiceRequest/') ? 'Works on a referral' : 'Works on a Task' };
}
