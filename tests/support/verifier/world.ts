import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from './json.ts';

/** All that is stored about who is who, read anew for every answer. */
export interface World {
  of(type: string): readonly Json[];
  roles: ReadonlyMap<string, readonly string[]>;
  /** `Practitioner/… Patient id` of an emergency access, whatever its hours. */
  emergencies: ReadonlySet<string>;
  now: Date;
}

const types = [
  ...['CareTeam', 'Consent', 'Contract', 'EpisodeOfCare', 'Flag', 'Organization', 'Patient', 'Person'],
  ...['PractitionerRole', 'RelatedPerson', 'Task'],
];

/** Asks the database itself. */
export type Rows = <Row extends object>(text: string, values?: unknown[]) => Promise<Row[]>;

export async function readWorld(rowsOf: Rows, now: Date): Promise<World> {
  const rows = await rowsOf<{ type: string; content: string }>(
    'SELECT type, content FROM resource WHERE type = ANY ($1) AND NOT deleted',
    [types],
  );
  const byType = Map.groupBy(
    rows.map(({ content }): Json => JSON.parse(content)),
    ({ resourceType }) => String(resourceType),
  );
  const roles = await rowsOf<{ fhir_user: string; role: string }>('SELECT fhir_user, role FROM access_role');
  const emergencies = await rowsOf<{ fhir_user: string; patient_id: string }>(
    'SELECT fhir_user, patient_id FROM access_emergency',
  );
  return {
    of: (type) => byType.get(type) ?? [],
    roles: new Map(
      [...Map.groupBy(roles, (row) => row.fhir_user)].map(([who, some]) => [who, some.map(({ role }) => role)]),
    ),
    emergencies: new Set(emergencies.map((row) => `${row.fhir_user} ${row.patient_id}`)),
    now,
  };
}

/** What says that a record is of a sensitive category: labels, and codes or the beginnings of codes, all as `system|code`. */
export interface Sensitive {
  name: string;
  labels: readonly string[];
  codes: readonly string[];
  prefixes: readonly string[];
}

/** The categories of the shipped policy: data, read here by nobody's code but this. */
export function sensitiveCategories(): readonly Sensitive[] {
  const { categories, systems }: Json = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../../profiles/privacy/default.json'), 'utf8'),
  );
  const full = (text: string) => text.replace(/^[^|]+/, (short) => systems[short] ?? short);
  return categories.map(({ name, labels, rules = [] }: Json) => ({
    name,
    labels: labels.map(full),
    codes: rules.flatMap(({ system, codes = [] }: Json) => codes.map((code: string) => full(`${system}|${code}`))),
    prefixes: rules.flatMap(({ system, prefixes = [] }: Json) =>
      prefixes.map((code: string) => full(`${system}|${code}`)),
    ),
  }));
}
