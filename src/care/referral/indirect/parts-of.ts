import type { r4 } from '../../../fhir/types.ts';
import type { Sql } from '../../../store/types.ts';
import { localId } from '../../local-id.ts';
import type { CanonicalState } from '../canonical-state.ts';

/** Where each part of a referral stands (migration 037). */
export async function partsOf(own: Sql, sourceId: string): Promise<CanonicalState[]> {
  const rows = await own.query<{ state: CanonicalState }>('SELECT state FROM referral_part WHERE source_id = $1', [
    sourceId,
  ]);
  return rows.map(({ state }) => state);
}

/** The Task that this one is a part of. */
export function sourceIdOf({ partOf }: Pick<r4.Task, 'partOf'>): string | undefined {
  for (const reference of partOf ?? []) {
    const id = localId(reference, 'Task');
    if (id !== undefined) return id;
  }
  return undefined;
}
