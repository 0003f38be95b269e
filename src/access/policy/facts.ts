import { parseJson } from '../../fhir/json.ts';
import type { Resource } from '../../fhir/types.ts';
import { referenceToken, tokenOf } from '../../store/search/token.ts';
import type { Sql } from '../../store/types.ts';
import { type Ground, type PartnerFacts, partnerParts, partnerTables, partnerValues } from './partner-facts.ts';

/** Records about a person, as they are stored now. */
export interface FamilyFacts {
  kind: 'family';
  relatedPersons: readonly Resource[];
  /** Patients whose proxy the person may be, or who the person is. */
  patients: readonly Resource[];
  consents: readonly Resource[];
  flags: readonly Resource[];
  /** Ids of patients who are the person. */
  selves: readonly string[];
  /** Through what the person asks: an app that is not known to be ours is not ours. */
  app: AppClass;
}

/** Codes of CodeSystem/app-class: this house's own apps, and those of others. */
export type AppClass = 'own' | 'outside';

export interface StaffFacts {
  kind: 'staff';
  roles: ReadonlySet<string>;
  /** Consents that name the person. */
  consents: readonly Resource[];
  /** Flags of protected charts and of safe addresses, of whomever. */
  flags: readonly Resource[];
  /** Patients whose own label protects the chart. */
  protectedPatients: readonly string[];
  /** Patients of protected charts whose care team the person is on. */
  careTeams: readonly Resource[];
  emergencies: readonly { patientId: string }[];
  /** What counts for somebody who works for a partner organization, instead of all the rest. */
  partner: PartnerFacts;
}

export type Facts = FamilyFacts | StaffFacts | { kind: 'unknown' };

interface Row {
  part: string;
  content: string;
}

/**
 * One statement for everything that decides what a person sees. `fhirUser`: `RelatedPerson/…`, `Person/…`, `Patient/…`, `Practitioner/…`; empty
 * for a system, of which only that counts by which it is a partner's.
 */
export async function factsOf(sql: Sql, fhirUser: string, clientId: string, now: Date): Promise<Facts> {
  if (fhirUser === '') return staffFacts(sql, '', '', clientId, now);
  const [type = '', id = '', ...more] = fhirUser.split('/');
  if (id === '' || more.length > 0) return { kind: 'unknown' };
  if (type === 'Practitioner' || type === 'PractitionerRole') return staffFacts(sql, type, id, clientId, now);
  if (type === 'RelatedPerson' || type === 'Person' || type === 'Patient') return familyFacts(sql, type, id, clientId);
  return { kind: 'unknown' };
}

/**
 * Me, and who else I am: a Person that is me or links to me names RelatedPersons, one for each child, and Patients. Of the patients
 * found so: the patient, the consents and the flags.
 */
const familyText = `
  WITH persons AS (
    SELECT r.content FROM resource r WHERE r.type = 'Person' AND r.id = $2 AND $1 = 'Person' AND NOT r.deleted
    UNION SELECT r.content FROM resource r WHERE r.type = 'Person' AND NOT r.deleted AND r.tokens @> ARRAY[$3::bigint]
  ), linked AS (
    SELECT link -> 'target' ->> 'reference' AS reference
      FROM persons p, LATERAL jsonb_array_elements(coalesce(p.content::jsonb -> 'link', '[]')) AS link
     WHERE coalesce(p.content::jsonb ->> 'active', 'true') = 'true'
  ), selves AS (
    SELECT split_part(reference, '/', 1) AS type, split_part(reference, '/', 2) AS id FROM linked
     WHERE reference ~ '^(RelatedPerson|Patient)/[A-Za-z0-9.-]{1,64}$'
    UNION SELECT $1, $2 WHERE $1 IN ('RelatedPerson', 'Patient')
  ), related AS (
    SELECT r.content, r.patient_id FROM resource r JOIN selves s ON s.type = 'RelatedPerson' AND r.type = s.type AND r.id = s.id
     WHERE NOT r.deleted
  ), children AS (
    SELECT patient_id FROM related WHERE patient_id IS NOT NULL UNION SELECT id FROM selves WHERE type = 'Patient'
  )
  SELECT 'RelatedPerson' AS part, content FROM related
  UNION ALL SELECT 'self', id FROM selves WHERE type = 'Patient'
  UNION ALL SELECT 'own-app', id FROM auth_client WHERE id = $4 AND first_party AND active
  UNION ALL SELECT 'Patient', r.content FROM children c JOIN resource r ON r.type = 'Patient' AND r.id = c.patient_id WHERE NOT r.deleted
  UNION ALL SELECT r.type, r.content FROM children c JOIN resource r ON r.type IN ('Consent', 'Flag') AND r.patient_id = c.patient_id
   WHERE NOT r.deleted`;

async function familyFacts(sql: Sql, type: string, id: string, clientId: string): Promise<FamilyFacts> {
  const values = [type, id, referenceToken('Person', 'link', type, id), clientId];
  const rows = await sql.query<Row>(familyText, values, 'family-facts');
  return {
    kind: 'family',
    relatedPersons: resources(rows, 'RelatedPerson'),
    patients: resources(rows, 'Patient'),
    consents: resources(rows, 'Consent'),
    flags: resources(rows, 'Flag'),
    selves: rows.flatMap(({ part, content }) => (part === 'self' ? [content] : [])),
    app: rows.some(({ part }) => part === 'own-app') ? 'own' : 'outside',
  };
}

/** Labels on a Patient that protect the chart: of staff (EMP) and of people everybody knows (CEL). */
const protecting = ['EMP', 'CEL'];
const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

const staffText = `
  WITH ${partnerTables}, flags AS (
    SELECT r.content, r.patient_id FROM resource r
     WHERE r.type = 'Flag' AND NOT r.deleted AND r.content LIKE '%http://careweave.org/fhir/CodeSystem/privacy-flag%'
       AND r.content ~ '"code":"(protected-chart|safe-address)"'
  ), labelled AS (
    SELECT r.id FROM resource r WHERE r.type = 'Patient' AND NOT r.deleted AND r.tokens && $1::bigint[]
  ), protected AS (SELECT patient_id FROM flags UNION SELECT id FROM labelled)
  SELECT 'Flag' AS part, content FROM flags
  UNION ALL SELECT 'label', id FROM labelled
  UNION ALL SELECT 'CareTeam', r.content FROM protected p JOIN resource r ON r.type = 'CareTeam' AND r.patient_id = p.patient_id
   WHERE NOT r.deleted AND (r.tokens @> ARRAY[$3::bigint] OR r.tokens && ARRAY(SELECT self # $10::bigint FROM roles))
  UNION ALL SELECT 'Consent', r.content FROM resource r WHERE r.type = 'Consent' AND NOT r.deleted AND r.tokens @> ARRAY[$2::bigint]
  UNION ALL SELECT 'role', role FROM access_role WHERE fhir_user = $4
  UNION ALL SELECT 'emergency', patient_id FROM access_emergency WHERE fhir_user = $4 AND client_id = $6 AND started_at <= $5 AND ends_at > $5${partnerParts}`;

async function staffFacts(sql: Sql, type: string, id: string, clientId: string, now: Date): Promise<StaffFacts> {
  const labelTokens = protecting.map((code) => codeToken('Patient', '_security', actCode, code));
  const values = [
    labelTokens,
    referenceToken('Consent', 'actor', type, id),
    referenceToken('CareTeam', 'participant', type, id),
    id === '' ? '' : `${type}/${id}`,
    now.toISOString(),
    clientId,
    ...partnerValues(type, id, clientId),
  ];
  const rows = await sql.query<Row>(staffText, values, 'staff-facts');
  const texts = (part: string) => rows.flatMap((row) => (row.part === part ? [row.content] : []));
  return {
    kind: 'staff',
    roles: new Set(texts('role')),
    consents: resources(rows, 'Consent'),
    flags: resources(rows, 'Flag'),
    protectedPatients: texts('label'),
    careTeams: resources(rows, 'CareTeam'),
    emergencies: texts('emergency').map((patientId) => ({ patientId })),
    partner: {
      ...(id !== '' && { person: `${type}/${id}` }),
      marks: texts('mark'),
      roles: resources(rows, 'PractitionerRole'),
      organizations: resources(rows, 'Organization'),
      // Both were put together by the statement itself.
      grounds: texts('ground').map((text) => JSON.parse(text) as Ground),
      children: texts('child').map((text) => JSON.parse(text) as { id: string; birthDate?: unknown }),
      agreements: resources(rows, 'agreement'),
      consents: resources(rows, 'child-consent'),
      childFlags: resources(rows, 'child-flag'),
    },
  };
}

function codeToken(type: string, param: string, system: string, code: string): string {
  return tokenOf(type, param, { kind: 'token', system, code }) ?? '0';
}

function resources(rows: readonly Row[], part: string): Resource[] {
  // The store wrote these texts: their shape is known.
  return rows.flatMap((row) => (row.part === part ? [parseJson(row.content) as Resource] : []));
}
