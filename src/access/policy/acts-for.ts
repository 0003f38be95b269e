import { isObject } from '../../fhir/search/walk-path.ts';
import type { Resource } from '../../fhir/types.ts';
import { referenceToken, selfToken } from '../../store/search/token.ts';
import type { Actor, Sql } from '../../store/types.ts';
import { referenceOf } from './consent.ts';
import { partnerKind } from './partner-facts.ts';
import { isWithin } from './period.ts';

const isNow = (period: unknown, now: Date | undefined) =>
  now ? isWithin(period, now, 'UTC') === true : !isObject(period) || period.end === undefined;

const text = `
  WITH roles AS (
    SELECT r.id, r.content FROM resource r
     WHERE r.type = 'PractitionerRole' AND NOT r.deleted AND (r.tokens @> ARRAY[$2::bigint])
    UNION SELECT r.id, r.content FROM resource r WHERE r.type = 'PractitionerRole' AND NOT r.deleted AND r.self = $3::bigint
  ), marked AS (SELECT organization_id FROM access_partner WHERE party = $1)
  SELECT 'mark' AS part, organization_id AS content FROM marked
  UNION ALL SELECT 'role', content FROM roles
  UNION ALL SELECT 'organization', o.content FROM resource o
   WHERE o.type = 'Organization' AND NOT o.deleted AND o.id IN (SELECT organization_id FROM marked UNION
     SELECT split_part(content::jsonb -> 'organization' ->> 'reference', '/', 2) FROM roles)`;

/**
 * As whom somebody of a partner organization, or its system, acts: the records by which a Task may name them. Undefined for everybody else. The
 * same question as `isPartner` asks, within a transaction and without a policy (days are those of UTC). Without `now` a role that has an end gives
 * no place in the house.
 */
export async function partnerNames(sql: Sql, actor: Actor, now?: Date): Promise<ReadonlySet<string> | undefined> {
  const [type = '', id = ''] = actor.kind === 'user' ? actor.id.split('/') : [];
  const isStaff = type === 'Practitioner' || type === 'PractitionerRole';
  if (actor.kind === 'system' || (actor.kind === 'user' && !isStaff)) return undefined;
  const party = isStaff ? actor.id : `client/${actor.id}`;
  const values = [
    party,
    referenceToken('PractitionerRole', 'practitioner', type, id),
    isStaff ? selfToken(type, id) : null,
  ];
  const rows = await sql.query<{ part: string; content: string }>(text, values, 'partner-names');
  // The store wrote these texts: their shape is known.
  const of = (part: string) => rows.flatMap((row) => (row.part === part ? [JSON.parse(row.content) as Resource] : []));
  const organizations = new Map(of('organization').map((one) => [`Organization/${one.id ?? ''}`, partnerKind(one)]));
  const isMarked = rows.some(({ part }) => part === 'mark');
  if (!isMarked && ![...organizations.values()].some((kind) => kind !== undefined)) return undefined;
  const roles = of('role').filter(({ active, period }) => active !== false && isNow(period, now));
  const employerOf = (role: Resource) => referenceOf(isObject(role.organization) ? role.organization : undefined) ?? '';
  const isAtHome = (name: string) => organizations.has(name) && organizations.get(name) === undefined;
  if (isStaff && roles.some((role) => isAtHome(employerOf(role)))) return undefined;
  const own = isStaff ? roles : [];
  const employers = isStaff ? own.map(employerOf) : [...organizations.keys()];
  const names = [
    ...(isStaff ? [actor.id] : []),
    ...own.map((role) => `PractitionerRole/${role.id ?? ''}`),
    ...employers,
  ];
  return new Set(names.filter((name) => !organizations.has(name) || organizations.get(name) !== undefined));
}
