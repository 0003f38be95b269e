import { shownOf } from './compartment.ts';
import type { StoreParts } from './parts.ts';
import type { Query } from './rows.ts';
import { statement } from './search/statement.ts';
import type { ShownBefore, Visibility } from './types.ts';

/**
 * Whether a compartment still shows exactly the versions that it showed before, and the records beside it are still as they were: one statement that sends
 * no content. What was hidden, changed, deleted or added since makes it false; so does a Provenance that came since.
 */
export async function stillShows(
  query: Query,
  parts: StoreParts,
  { patientId, types, records, beside, lastProvenance }: ShownBefore,
  visibility: Visibility,
): Promise<boolean> {
  const into = statement();
  const any = shownOf(parts, { patientId, types }, visibility, into);
  if (any.length === 0) return records.length === 0 && beside.length === 0;
  const child = into.add(patientId, 'text');
  const list = (values: readonly unknown[], type: string) => into.add(values, type);
  const others = [
    list(
      beside.map(({ type }) => type),
      'text[]',
    ),
    list(
      beside.map(({ id }) => id),
      'text[]',
    ),
    list(
      beside.map(({ version }) => version),
      'integer[]',
    ),
  ];
  const text = `SELECT
     (SELECT string_agg(r.type || '/' || r.id || '/' || r.version, ' ' ORDER BY r.key) FROM resource r
       WHERE NOT r.deleted AND (${any.join(' OR ')})) AS shown,
     (SELECT count(*)::integer FROM unnest(${others.join(', ')}) AS o (type, id, version)
       JOIN resource r ON r.type = o.type AND r.id = o.id AND r.version = o.version AND NOT r.deleted) AS beside,
     (SELECT max(r.key)::text FROM resource r WHERE r.type = 'Provenance' AND r.patient_id = ${child} AND NOT r.deleted) AS provenance`;
  const [row] = await query<{ shown: string | null; beside: number; provenance: string | null }>(
    text,
    into.values,
    parts.shapeName?.(text),
  );
  const before = records.map(({ type, id, version }) => `${type}/${id}/${version}`).join(' ');
  return (
    row !== undefined &&
    (row.shown ?? '') === before &&
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
