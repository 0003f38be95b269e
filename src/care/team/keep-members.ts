import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Sql, Tx } from '../../store/types.ts';
import { currentOf } from '../stored.ts';
import { changedTeam, type Move } from './changed-team.ts';
import { teamId } from './team-content.ts';

/** A reason to be on a child's team that begins (`member` given) or has ended. */
export interface ReasonChange {
  /** `Task/…` or `EpisodeOfCare/…`. */
  reason: string;
  /** Who is on the team by it now; absent: nobody any more. */
  now?: { member: string; role: r4.CodeableConcept };
  endsLead?: boolean;
}

/**
 * Brings the reasons for membership up to date and the child's own care team with them, in the caller's transaction. Doing it again changes
 * nothing. A team that somebody deleted is not brought back.
 */
export async function keepMembers(
  tx: Tx,
  patientId: string,
  changes: readonly ReasonChange[],
  clock: Clock,
): Promise<Result<void>> {
  await lockTeam(tx, patientId);
  const id = teamId(patientId);
  await tx.hold([{ type: 'CareTeam', id }]);
  const reasons = changes.map(({ reason }) => reason);
  const held = await tx.own.query<{ reason: string; member: string }>(
    'SELECT reason, member FROM team_reason WHERE reason = ANY ($1)',
    [reasons],
  );
  const left = new Map<string, boolean>();
  const moves: Move[] = [];
  for (const { reason, now, endsLead = false } of changes) {
    const before = held.find((row) => row.reason === reason)?.member;
    if (before === now?.member) continue;
    if (before !== undefined) {
      left.set(before, (left.get(before) ?? false) || endsLead);
      await tx.own.query('DELETE FROM team_reason WHERE reason = $1', [reason]);
    }
    if (now === undefined) continue;
    await tx.own.query('INSERT INTO team_reason (reason, patient_id, member) VALUES ($1, $2, $3)', [
      reason,
      patientId,
      now.member,
    ]);
    moves.push({ kind: 'join', member: now.member, role: now.role, reason });
  }
  const remaining = await tx.own.query<{ member: string }>(
    'SELECT DISTINCT member FROM team_reason WHERE patient_id = $1 AND member = ANY ($2)',
    [patientId, [...left.keys()]],
  );
  const stays = new Set(remaining.map(({ member }) => member));
  for (const [member, endsLead] of left) if (!stays.has(member)) moves.push({ kind: 'leave', member, endsLead });
  return moves.length === 0 ? ok(undefined) : writeTeam(tx, patientId, moves, clock);
}

async function writeTeam(tx: Tx, patientId: string, moves: readonly Move[], clock: Clock): Promise<Result<void>> {
  const stored = await tx.read('CareTeam', teamId(patientId));
  if (stored?.deleted) return ok(undefined);
  const current = currentOf(stored);
  const team = isOfType(current, 'CareTeam') ? current : undefined;
  const removed = await readRemovedMembers(tx.own, patientId);
  const changed = changedTeam({ patientId, team, removed, now: clock.now() }, moves);
  if (changed === undefined) return ok(undefined);
  const written = await tx.update({ ...changed });
  return written.ok ? ok(undefined) : written;
}

/** Held by everyone who changes who is on the child's team. */
function lockTeam(tx: Tx, patientId: string): Promise<void> {
  return tx.lock(`team:${patientId}`);
}

/** Whom people took out of the child's team. */
export async function readRemovedMembers(sql: Sql, patientId: string): Promise<ReadonlySet<string>> {
  const rows = await sql.query<{ member: string }>('SELECT member FROM team_removed WHERE patient_id = $1', [
    patientId,
  ]);
  return new Set(rows.map(({ member }) => member));
}
