import { visibilityOf } from '../../access/decide.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { OperationRequest } from '../../module.ts';
import type { Stored } from '../../store/types.ts';
import { resourceOf } from '../stored.ts';
import { type Enrollment, enrollmentOf } from './enrollment.ts';

export interface SeenEnrollment extends Enrollment {
  id: string;
  patientId: string;
  programId: string;
}

type Of = { patientId: string } | { programIds: readonly string[]; manager?: string };

/**
 * The enrollments of a child, or of programs and a care manager, that the caller may see, by child. The rows say which they might be, the records
 * what they are. What stays hidden is not noted as told either. Error `too-large`.
 */
export async function seenEnrollments(
  { store, principal }: OperationRequest,
  of: Of,
): Promise<Result<SeenEnrollment[]>> {
  const most = limits.care.panelMax;
  const rows =
    'patientId' in of
      ? await store.query<{ episode_id: string }>(
          'SELECT episode_id FROM enrollment WHERE patient_id = $1 ORDER BY eligible_from, episode_id LIMIT $2',
          [of.patientId, most + 1],
        )
      : await store.query<{ episode_id: string }>(
          `SELECT episode_id FROM enrollment WHERE program_id = ANY ($1) OR manager = $2
            ORDER BY patient_id, eligible_from, episode_id LIMIT $3`,
          [of.programIds, of.manager ?? null, most + 1],
        );
  if (rows.length > most) return fail('too-large', `There are more than ${most} enrollments to look at.`);
  const keys = rows.map(({ episode_id: id }) => ({ type: 'EpisodeOfCare', id }));
  const byId = new Map((await (store.unwatched ?? store).readMany(keys)).map((stored) => [stored.id, stored]));
  const visibility = visibilityOf(principal, 's');
  const seen: Stored[] = [];
  for (const { id } of keys) {
    const stored = byId.get(id);
    if (stored && (await store.sees(visibility, stored))) seen.push(stored);
  }
  if (store.unwatched) await store.readMany(seen.map(({ id }) => ({ type: 'EpisodeOfCare', id })));
  return ok(seen.flatMap(readOne));
}

function readOne(stored: Stored): SeenEnrollment[] {
  const enrollment = enrollmentOf(resourceOf(stored));
  const { patientId, programId } = enrollment ?? {};
  return enrollment && patientId !== undefined && programId !== undefined
    ? [{ ...enrollment, id: stored.id, patientId, programId }]
    : [];
}
