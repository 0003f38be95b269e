import type { Definitions } from '../fhir/definitions.ts';
import { reachOf } from '../fhir/patient-reach.ts';
import { parseContent } from './content.ts';
import type { StoreParts } from './parts.ts';
import type { Query } from './rows.ts';
import type { Stored, Visibility } from './types.ts';

/**
 * Who sees what, as SQL and as a question about one version: the two must say the same. The SQL form goes into every search,
 * count and include.
 */

export function seesType(visibility: Visibility, type: string): boolean {
  return visibility.kind === 'all' || visibility.types === 'any' || visibility.types.has(type);
}

/** SQL that holds for rows (`r`, or as `row` says) in the compartment of a patient. `patient` is a placeholder such as `$3`. */
export function memberOf(patient: string, row = 'r'): string {
  // The few resources that belong to several patients come from a list made once: both halves use an index.
  return `(${row}.patient_id = ${patient} OR ${row}.key = ANY (ARRAY(SELECT p.key FROM resource_patient p WHERE p.patient_id = ${patient})))`;
}

/** `memberOf`, for rows that are in nobody else's compartment. */
export function aloneOf(patient: string, row = 'r'): string {
  return `(${row}.patient_id = ${patient} AND NOT EXISTS (SELECT FROM resource_patient p WHERE p.key = ${row}.key))`;
}

/** The predicate for rows of one type; undefined when every row may be seen, false when none. */
export function visibleSql(
  definitions: Definitions,
  visibility: Visibility,
  type: string,
  parameter: (value: unknown) => string,
  row = 'r',
): string | undefined | false {
  if (visibility.kind === 'all') return undefined;
  if (!seesType(visibility, type)) return false;
  if (visibility.patientId === undefined) return undefined;
  const reach = reachOf(definitions, type);
  if (reach === 'everybody') return undefined;
  if (reach === 'nobody') return false;
  const patient = parameter(visibility.patientId);
  return reach === 'alone' ? aloneOf(patient, row) : memberOf(patient, row);
}

/** The twin of `visibleSql` for one version, which may be a replaced or a deleted one. */
export async function sees(query: Query, parts: StoreParts, visibility: Visibility, stored: Stored): Promise<boolean> {
  if (visibility.kind === 'all') return true;
  if (!seesType(visibility, stored.type)) return false;
  const { patientId } = visibility;
  if (patientId === undefined) return true;
  const reach = reachOf(parts.definitions, stored.type);
  if (reach === 'everybody' || reach === 'nobody') return reach === 'everybody';
  const member = reach === 'alone' ? aloneOf : memberOf;
  // An old version may name another child than the record does now: both must be this patient's.
  if (!stored.deleted && !namesPatient(parts, stored, patientId, reach === 'alone')) return false;
  const rows = await query(
    `SELECT 1 FROM resource r WHERE r.type = $1 AND r.id = $2 AND ${member('$3')}`,
    [stored.type, stored.id, patientId],
    'sees',
  );
  return rows.length === 1;
}

/** True when this very version says that it is the patient's. */
export function namesPatient(parts: StoreParts, stored: Stored, patientId: string, alone: boolean): boolean {
  if (stored.type === 'Patient' && stored.id === patientId) return true;
  const { patients } = parts.extract(parseContent(stored.json));
  return patients.includes(patientId) && !(alone && patients.length > 1);
}
