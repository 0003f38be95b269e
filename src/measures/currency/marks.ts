import type { Tx } from '../../store/types.ts';

/** What a transaction makes out of date, collected change by change and written once, with the commit. */
export interface Marks {
  add(child: string, measures: Iterable<string>): void;
  /** All measures of a child whose Patient was written: whether it counts from now on. */
  addAll(child: string, present: boolean): void;
  /** Children that were not there at the last call. */
  takeNew(): string[];
}

const text = `
  INSERT INTO measure_child AS child (patient_id, present, revision, all_changed, changed, changed_at)
  SELECT patient_id, coalesce(present, false), 1, CASE WHEN is_all THEN 1 ELSE 0 END,
         coalesce((SELECT jsonb_object_agg(name, 1) FROM jsonb_array_elements_text(measures) AS name), '{}'), now()
    FROM unnest($1::text[], $2::boolean[], $3::boolean[], $4::jsonb[]) AS given (patient_id, present, is_all, measures)
   ORDER BY patient_id
  ON CONFLICT (patient_id) DO UPDATE SET
    present = CASE WHEN EXCLUDED.all_changed = 1 THEN EXCLUDED.present ELSE child.present END,
    revision = child.revision + 1,
    all_changed = CASE WHEN EXCLUDED.all_changed = 1 THEN child.revision + 1 ELSE child.all_changed END,
    changed = CASE WHEN EXCLUDED.all_changed = 1 THEN '{}'
      ELSE child.changed || (SELECT coalesce(jsonb_object_agg(name, child.revision + 1), '{}') FROM jsonb_object_keys(EXCLUDED.changed) AS name) END,
    changed_at = EXCLUDED.changed_at`;

export function createMarks(tx: Pick<Tx, 'atEnd'>): Marks {
  const ids: string[] = [];
  const present: (boolean | null)[] = [];
  const isAll: boolean[] = [];
  const measures: string[] = [];
  const rows = new Map<string, { at: number; names: Set<string> }>();
  let taken = 0;
  const rowOf = (child: string) => {
    // The arrays go to the database with the commit: what is marked until then is in them.
    if (ids.length === 0) tx.atEnd(text, [ids, present, isAll, measures]);
    const known = rows.get(child);
    if (known) return known;
    const row = { at: ids.push(child) - 1, names: new Set<string>() };
    present.push(null);
    isAll.push(false);
    measures.push('[]');
    rows.set(child, row);
    return row;
  };
  return {
    add(child, names) {
      const row = rowOf(child);
      const before = row.names.size;
      for (const name of names) row.names.add(name);
      if (row.names.size > before) measures[row.at] = JSON.stringify([...row.names]);
    },
    addAll(child, isPresent) {
      const { at } = rowOf(child);
      present[at] = isPresent;
      isAll[at] = true;
    },
    takeNew() {
      const fresh = ids.slice(taken);
      taken = ids.length;
      return fresh;
    },
  };
}
