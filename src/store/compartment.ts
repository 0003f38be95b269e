import { fail, ok, type Result } from '../base/errors.ts';
import { reachOf } from '../fhir/patient-reach.ts';
import type { StoreParts } from './parts.ts';
import { type Query, type ResourceRow, resourceColumns, toStored } from './rows.ts';
import type { CompartmentQuery, Stored, Visibility } from './types.ts';
import { aloneOf, memberOf, seesType } from './visibility.ts';

/** Rows `r` in the compartment of some patient who is there. */
const ofSomebody = `(EXISTS (SELECT FROM resource q WHERE q.type = 'Patient' AND q.id = r.patient_id AND NOT q.deleted) OR EXISTS (
  SELECT FROM resource_patient p JOIN resource q ON q.type = 'Patient' AND q.id = p.patient_id AND NOT q.deleted
   WHERE p.key = r.key))`;

/**
 * The resources of a patient's compartment (the patient too), or of all patients', in the order they were first written: that order never changes, so
 * a walk shows each once. A visibility limited to another patient shows nothing. Error `invalid`: the cursor is not ours.
 */
export async function compartment(
  query: Query,
  parts: StoreParts,
  { patientId, types, since, count, cursor = '0' }: CompartmentQuery,
  visibility: Visibility,
): Promise<Result<{ matches: Stored[]; next?: string }>> {
  if (!/^\d{1,18}$/.test(cursor)) return fail('invalid', 'The page link is not valid.', { code: 'value' });
  const limit = visibility.kind === 'limited' ? visibility.patientId : undefined;
  if (limit !== undefined && patientId !== undefined && limit !== patientId) return ok({ matches: [] });
  const whose = patientId ?? limit;
  const visible = types.filter((type) => seesType(visibility, type));
  const reach = (type: string) => reachOf(parts.definitions, type);
  // A roster that names other children too is theirs as much; only who may see everybody gets it by searching.
  const [member, alone] = whose === undefined ? [ofSomebody, ofSomebody] : [memberOf('$6'), aloneOf('$6')];
  const rows = await query<ResourceRow>(
    `SELECT ${resourceColumns} FROM resource r
      WHERE NOT r.deleted AND r.key > $1 AND ($2::timestamptz IS NULL OR r.last_updated >= $2)
        AND ((r.type = ANY ($3) AND ${member}) OR (r.type = ANY ($4) AND ${alone}))
      ORDER BY r.key LIMIT $5`,
    [
      cursor,
      since ?? null,
      visible.filter((type) => reach(type) === 'member'),
      visible.filter((type) => reach(type) === 'alone'),
      count + 1,
      ...(whose === undefined ? [] : [whose]),
    ],
    whose === undefined ? 'compartments' : 'compartment',
  );
  const matches = rows.slice(0, count).map(toStored);
  const last = rows[count - 1];
  return ok(rows.length > count && last ? { matches, next: last.key } : { matches });
}
