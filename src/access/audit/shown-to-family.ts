import type { Reader, Sql, Visibility } from '../../store/types.ts';
import type { KeptEntry } from './entry.ts';
import type { KeptEvent } from './find.ts';

/** What of the log one viewer may know. */
export interface Shown {
  /** `Type/id`s of this patient's records that the event touched; undefined: the event must not be told at all. */
  ofEvent(event: KeptEvent): Promise<readonly string[] | undefined>;
}

/**
 * For somebody from whom records may be hidden (PP-48): an event is told only when every record of this patient that it touched may be seen.
 * That somebody looked at a hidden record would say that there is one. Whoever touched more than was noted, or nothing, is not told of either.
 */
export function shownTo(reader: Reader, visibility: Visibility, patientId: string): Shown {
  const visible = new Map<string, boolean>();
  const mayKnow = async (reference: string): Promise<boolean> => {
    const known = visible.get(reference);
    if (known !== undefined) return known;
    const [type = '', id = ''] = reference.split('/');
    const stored = await reader.readSeen(type, id, visibility);
    const may = stored !== undefined && !stored.deleted;
    visible.set(reference, may);
    return may;
  };
  return {
    async ofEvent(event) {
      if (event.entry.more !== undefined) return undefined;
      const own = await ownReferences(reader, event.entry, patientId);
      if (own.length === 0) return undefined;
      for (const reference of own) if (!(await mayKnow(reference))) return undefined;
      return own;
    },
  };
}

/** For whom nothing of the log is hidden. */
export function shownWhole(reader: Reader, patientId: string): Shown {
  return { ofEvent: (event) => ownReferences(reader, event.entry, patientId) };
}

/** Of what an event touched, this patient's records, those that were deleted since included; the other children of a list are left out. */
export async function ownReferences(sql: Sql, entry: KeptEntry, patientId: string): Promise<string[]> {
  const touched = (entry.touched ?? []).map((reference) => reference.split('/'));
  if (touched.length === 0) return [];
  const rows = await sql.query<{ type: string; id: string }>(
    `SELECT r.type, r.id FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS t (type, id, at)
       JOIN resource r ON r.type = t.type AND r.id = t.id
      WHERE r.patient_id = $3 OR EXISTS (SELECT FROM resource_patient p WHERE p.key = r.key AND p.patient_id = $3)
      ORDER BY t.at`,
    [touched.map(([type]) => type), touched.map(([, id]) => id), patientId],
  );
  return rows.map(({ type, id }) => `${type}/${id}`);
}
