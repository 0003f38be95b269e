import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import type { Json } from './json.ts';

/** All that is stored about who is who, read anew for every answer. */
export interface World {
  of(type: string): readonly Json[];
  roles: ReadonlyMap<string, readonly string[]>;
  /** `Practitioner/… Patient id` of an emergency access, whatever its hours. */
  emergencies: ReadonlySet<string>;
  now: Date;
}

const types = ['CareTeam', 'Consent', 'Flag', 'Patient', 'Person', 'RelatedPerson'];

export async function readWorld(pool: pg.Pool, now: Date): Promise<World> {
  const { rows } = await pool.query<{ type: string; content: string }>(
    'SELECT type, content FROM resource WHERE type = ANY ($1) AND NOT deleted',
    [types],
  );
  const byType = Map.groupBy(
    rows.map(({ content }): Json => JSON.parse(content)),
    ({ resourceType }) => String(resourceType),
  );
  const roles = await pool.query<{ fhir_user: string; role: string }>('SELECT fhir_user, role FROM access_role');
  const emergencies = await pool.query<{ fhir_user: string; patient_id: string }>(
    'SELECT fhir_user, patient_id FROM access_emergency',
  );
  return {
    of: (type) => byType.get(type) ?? [],
    roles: new Map(
      [...Map.groupBy(roles.rows, (row) => row.fhir_user)].map(([who, some]) => [who, some.map(({ role }) => role)]),
    ),
    emergencies: new Set(emergencies.rows.map((row) => `${row.fhir_user} ${row.patient_id}`)),
    now,
  };
}

/** What codes the shipped policy says are sensitive, as `system|code` beginnings, by category. */
export function sensitiveCodes(): ReadonlyMap<string, readonly string[]> {
  const policy: Json = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../../profiles/privacy/default.json'), 'utf8'),
  );
  return new Map(
    policy.categories.map(({ name, rules = [] }: Json) => [
      name,
      rules.flatMap(({ system, codes = [], prefixes = [] }: Json) => [
        ...codes.map((code: string) => `=${policy.systems[system]}|${code}`),
        ...prefixes.map((code: string) => `^${policy.systems[system]}|${code}`),
      ]),
    ]),
  );
}
