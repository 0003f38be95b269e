import { fail, ok, type Result } from '../../base/errors.ts';
import type { Sql } from '../../store/types.ts';

/** What a member of staff may do beyond the ordinary. */
export const roleNames = ['privacy-officer', 'administrator', 'break-glass'] as const;
export type Role = (typeof roleNames)[number];

export function isRole(text: string): text is Role {
  return roleNames.some((name) => name === text);
}

/** The roles of a person (`Practitioner/…`), from the database. */
export async function rolesOf(sql: Sql, fhirUser: string): Promise<ReadonlySet<Role>> {
  const rows = await sql.query<{ role: string }>('SELECT role FROM access_role WHERE fhir_user = $1', [fhirUser]);
  return new Set(rows.map(({ role }) => role).filter(isRole));
}

/** Error `invalid` for a role that there is not, or for somebody who is not staff: no proxy and no patient has a role. */
export async function addRole(sql: Sql, fhirUser: string, role: string): Promise<Result<void>> {
  if (!isRole(role)) return fail('invalid', `The roles are ${roleNames.join(', ')}.`);
  if (!/^Practitioner(Role)?\/[A-Za-z0-9.-]{1,64}$/.test(fhirUser))
    return fail('invalid', 'A role is for a practitioner: Practitioner/<id>.');
  await sql.query('INSERT INTO access_role (fhir_user, role) VALUES ($1, $2) ON CONFLICT DO NOTHING', [fhirUser, role]);
  return ok(undefined);
}

/** Error `not-found`: the person did not have it. */
export async function removeRole(sql: Sql, fhirUser: string, role: string): Promise<Result<void>> {
  const text = 'DELETE FROM access_role WHERE fhir_user = $1 AND role = $2 RETURNING role';
  const gone = await sql.query(text, [fhirUser, role]);
  return gone.length > 0 ? ok(undefined) : fail('not-found', 'That person does not have that role.');
}

export async function listRoles(sql: Sql): Promise<{ fhir_user: string; role: string }[]> {
  return sql.query('SELECT fhir_user, role FROM access_role ORDER BY fhir_user, role');
}
