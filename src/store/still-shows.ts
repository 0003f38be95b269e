import { shownOf } from './compartment.ts';
import type { StoreParts } from './parts.ts';
import type { Query } from './rows.ts';
import { statement } from './search/statement.ts';
import { wireValue } from './session/wire-value.ts';
import type { ShownBefore, Visibility } from './types.ts';

/** What was read, ready to be asked again. */
export function shownBefore(read: Omit<ShownBefore, 'compared'>): ShownBefore {
  const { records, beside } = read;
  const literal = (values: readonly unknown[]) => wireValue(values) as string;
  const compared = {
    shown: records.map(({ type, id, version }) => `${type}/${id}/${version}`).join(' '),
    besideTypes: literal(beside.map(({ type }) => type)),
    besideIds: literal(beside.map(({ id }) => id)),
    besideVersions: literal(beside.map(({ version }) => version)),
  };
  return { ...read, compared };
}

/**
 * Whether a compartment still shows exactly the versions that it showed before, and the records beside it are still as they were: one statement that sends
 * no content. What was hidden, changed, deleted or added since makes it false; so does a Provenance that came since.
 */
export async function stillShows(
  query: Query,
  parts: StoreParts,
  { patientId, types, records, beside, lastProvenance, compared }: ShownBefore,
  visibility: Visibility,
): Promise<boolean> {
  const into = statement();
  const any = shownOf(parts, { patientId, types }, visibility, into);
  if (any.length === 0) return records.length === 0 && beside.length === 0;
  const child = into.add(patientId, 'text');
  const others = [
    into.add(compared.besideTypes, 'text[]'),
    into.add(compared.besideIds, 'text[]'),
    into.add(compared.besideVersions, 'integer[]'),
  ].join(', ');
  const text = `SELECT
     (SELECT string_agg(r.type || '/' || r.id || '/' || r.version, ' ' ORDER BY r.key) FROM resource r
       WHERE NOT r.deleted AND (${any.join(' OR ')})) AS shown,
     (SELECT count(*)::integer FROM unnest(${others}) AS o (type, id, version)
       JOIN resource r ON r.type = o.type AND r.id = o.id AND r.version = o.version AND NOT r.deleted) AS beside,
     (SELECT max(r.key)::text FROM resource r WHERE r.type = 'Provenance' AND r.patient_id = ${child} AND NOT r.deleted) AS provenance`;
  const [row] = await query<{ shown: string | null; beside: number; provenance: string | null }>(
    text,
    into.values,
    parts.shapeName?.(text),
  );
  return (
    row !== undefined &&
    (row.shown ?? '') === compared.shown &&
    row.beside === beside.length &&
    (row.provenance ?? undefined) === lastProvenance
  );
}

/** The newest Provenance of a patient's record, as something to be compared. */
export async function lastProvenanceOf(query: Query, patientId: string): Promise<string | undefined> {
  const [row] = await query<{ key: string | null }>(
    "SELECT max(key)::text AS key FROM resource WHERE type = 'Provenance' AND patient_id = $1 AND NOT deleted",
    [patientId],
    'last-provenance',
  );
  return row?.key ?? undefined;
}
