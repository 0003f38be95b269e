import { fail, ok, type Result } from '../base/errors.ts';
import { type Reach, reachOf } from '../fhir/patient-reach.ts';
import type { StoreParts } from './parts.ts';
import { type Query, type ResourceRow, resourceColumns, toStored } from './rows.ts';
import { statement } from './search/statement.ts';
import type { CompartmentQuery, Stored, Visibility } from './types.ts';
import { alike, aloneOf, memberOf, visibleSql, withinPatient } from './visibility.ts';

/** Rows `r` in the compartment of some patient who is there. */
const ofSomebody = `(EXISTS (SELECT FROM resource q WHERE q.type = 'Patient' AND q.id = r.patient_id AND NOT q.deleted) OR EXISTS (
  SELECT FROM resource_patient p JOIN resource q ON q.type = 'Patient' AND q.id = p.patient_id AND NOT q.deleted
   WHERE p.key = r.key))`;

/** Rows `r` that are the patient's; a roster that names other children too is theirs as much: who may see it finds it by searching. */
function ownSql(reach: Reach, patient: string | undefined): string | undefined {
  if (reach === 'nobody' || reach === 'everybody') return undefined;
  if (patient === undefined) return ofSomebody;
  return reach === 'alone' ? aloneOf(patient) : memberOf(patient);
}

/** SQL conditions, one of which holds for the rows `r` of these types in the compartment that the visibility shows. */
export function shownOf(
  parts: StoreParts,
  { patientId, types }: Pick<CompartmentQuery, 'patientId' | 'types'>,
  visibility: Visibility,
  into: ReturnType<typeof statement>,
): string[] {
  const seen = patientId === undefined ? visibility : withinPatient(visibility, patientId);
  const own = patientId === undefined ? undefined : into.add(patientId, 'text');
  return alike(parts.definitions, seen, types).flatMap((same) => {
    const its = ownSql(reachOf(parts.definitions, same[0] ?? ''), own);
    if (its === undefined) return [];
    // Not before: what is not in the text must not be among the values either.
    const visible = visibleSql(parts.definitions, seen, same[0] ?? '', into.add);
    if (visible === false) return [];
    return [`(r.type = ANY (${into.add(same, 'text[]')}) AND ${its}${visible === undefined ? '' : ` AND ${visible}`})`];
  });
}

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
  const into = statement();
  const past = [`r.key > ${into.add(cursor, 'bigint')}`];
  if (since !== undefined) past.push(`r.last_updated >= ${into.add(since, 'timestamptz')}`);
  const limit = into.add(count + 1, 'integer');
  const any = shownOf(parts, { ...(patientId !== undefined && { patientId }), types }, visibility, into);
  if (any.length === 0) return ok({ matches: [] });
  const text = `SELECT ${resourceColumns} FROM resource r
    WHERE NOT r.deleted AND ${past.join(' AND ')} AND (${any.join(' OR ')}) ORDER BY r.key LIMIT ${limit}`;
  const rows = await query<ResourceRow>(text, into.values, parts.shapeName?.(text));
  const matches = rows.slice(0, count).map(toStored);
  const last = rows[count - 1];
  return ok(rows.length > count && last ? { matches, next: last.key } : { matches });
}
