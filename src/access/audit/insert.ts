import type { Beside } from '../../store/types.ts';
import { type AuditEntry, entryText } from './entry.ts';

/**
 * Entries on their way to the sealer. `$1` entries, `$2` their patients as array literals. A list within a SELECT does not tell the planner its
 * length: else a short one looks so cheap that the statement is planned anew each time.
 */
const plainText = `
  INSERT INTO audit_pending (entry, patients)
  SELECT g.entry, g.patients::text[] FROM unnest((SELECT $1::text[]), $2::text[]) AS g (entry, patients)`;

/**
 * The same where the patients of some references are not known yet: a look at the primary key of each, in the statement that is sent
 * anyway. `$3`–`$5`: which entry, type, id.
 */
const lookingText = `
  WITH touched AS MATERIALIZED (
    SELECT t.at, r.key, r.patient_id
      FROM unnest((SELECT $3::integer[]), $4::text[], $5::text[]) AS t (at, type, id)
      JOIN resource r ON r.type = t.type AND r.id = t.id
     WHERE r.patient_id IS NOT NULL)
  INSERT INTO audit_pending (entry, patients)
  SELECT g.entry, ARRAY(
           SELECT unnest(g.patients::text[])
           UNION SELECT t.patient_id FROM touched t WHERE t.at = g.at
           UNION SELECT p.patient_id FROM touched t JOIN resource_patient p ON p.key = t.key WHERE t.at = g.at
           ORDER BY 1)
    FROM unnest((SELECT $1::text[]), $2::text[]) WITH ORDINALITY AS g (entry, patients, at)
   ORDER BY g.at`;

/** Without waiting for the disk: after a crash of the database the last moments may be missing (docs/audit.md). */
function buffered(text: string): string {
  return text.replace(
    /AS g \(([a-z, ]+)\)/,
    `AS g ($1), (SELECT set_config('synchronous_commit', 'off', true)) AS quick`,
  );
}

const texts = {
  durable: { plain: plainText, looking: lookingText },
  buffered: { plain: buffered(plainText), looking: buffered(lookingText) },
} as const;

const patientId = /^[A-Za-z0-9\-.]{1,64}$/;
const reference = /^([A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})$/;

/** The statement that lets these entries wait: one of few constant texts, each with its name. */
export function insertion(
  entries: readonly AuditEntry[],
  at: Date,
  how: 'durable' | 'buffered' = 'durable',
): { text: string; values: unknown[]; name: string } {
  const which: number[] = [];
  const types: string[] = [];
  const ids: string[] = [];
  for (const [place, { lookUp = [] }] of entries.entries()) {
    for (const text of lookUp) {
      const [, type, id] = reference.exec(text) ?? [];
      if (type === undefined || id === undefined) continue;
      which.push(place + 1);
      types.push(type);
      ids.push(id);
    }
  }
  const given = [entries.map((entry) => entryText(entry, at)), entries.map(({ patients = [] }) => literalOf(patients))];
  return which.length === 0
    ? { text: texts[how].plain, values: given, name: `audit-${how}` }
    : { text: texts[how].looking, values: [...given, which, types, ids], name: `audit-${how}-looking` };
}

/** Sorted, each once. */
function literalOf(patients: readonly string[]): string {
  const known = [...new Set(patients)].filter((id) => patientId.test(id)).sort();
  return `{${known.map((id) => `"${id}"`).join(',')}}`;
}

/**
 * The entry of one record that is read, in the statement that reads it: nothing when nothing is found, or when it was deleted. The patients are
 * those that its text names, as `patientsOf` finds them (audit.ts); by parts of the text, as a regular expression takes three times as long as
 * the rest. `wholeReference`: how a reference with our whole address begins; undefined: the record is the patient's own.
 */
export function besideRead(entry: AuditEntry, at: Date, wholeReference: string | undefined): Beside {
  return {
    name: wholeReference === undefined ? 'audit-patient' : 'audit-record',
    write: (add) => {
      const text = add(entryText(entry, at), 'text');
      const patients =
        wholeReference === undefined ? 'ARRAY[f.id]' : patientsIn(`f.content`, add(wholeReference, 'text'));
      return `INSERT INTO audit_pending (entry, patients) SELECT ${text}, ${patients} FROM found f WHERE NOT f.deleted`;
    },
  };
}

function patientsIn(content: string, whole: string): string {
  const short = `'"reference":"Patient/'`;
  const parts = `unnest(string_to_array(replace(${content}, ${whole}, ${short}), ${short})) WITH ORDINALITY AS u (part, place)`;
  const ids = `SELECT split_part(split_part(u.part, '"', 1), '/', 1) AS id FROM ${parts} WHERE u.place > 1`;
  const isId = `p.id <> '' AND length(p.id) <= 64 AND translate(p.id, '${idCharacters}', '') = ''`;
  return `ARRAY(SELECT DISTINCT p.id COLLATE "C" FROM (${ids}) p WHERE ${isId} ORDER BY 1)`;
}

const idCharacters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-';
