import { fail, ok, type Result } from '../base/errors.ts';
import { reachOf } from '../fhir/patient-reach.ts';
import type { StoreParts } from './parts.ts';
import { type Query, type ResourceRow, resourceColumns, toStored } from './rows.ts';
import type { CompartmentQuery, Stored, Visibility } from './types.ts';
import { aloneOf, memberOf, seesType } from './visibility.ts';

/**
 * The resources of a patient's compartment (the patient too), in the order they were first written: that order never changes, so
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
  if (limit !== undefined && limit !== patientId) return ok({ matches: [] });
  const visible = types.filter((type) => seesType(visibility, type));
  const reach = (type: string) => reachOf(parts.definitions, type);
  const rows = await query<ResourceRow>(
    `SELECT ${resourceColumns} FROM resource r
      WHERE NOT r.deleted AND r.key > $1 AND ($2::timestamptz IS NULL OR r.last_updated >= $2)
        AND ((r.type = ANY ($3) AND ${memberOf('$4')}) OR (r.type = ANY ($5) AND ${aloneOf('$4')}))
      ORDER BY r.key LIMIT $6`,
    [
      cursor,
      since ?? null,
      visible.filter((type) => reach(type) === 'member'),
      patientId,
      // A roster that names other children too is theirs as much; only who may see everybody gets it by searching.
      visible.filter((type) => reach(type) === 'alone'),
      count + 1,
    ],
    'compartment',
  );
  const matches = rows.slice(0, count).map(toStored);
  const last = rows[count - 1];
  return ok(rows.length > count && last ? { matches, next: last.key } : { matches });
}
