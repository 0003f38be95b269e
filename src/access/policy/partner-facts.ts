import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource } from '../../fhir/types.ts';
import { referenceMask, referenceToken, selfToken, tokenOf } from '../../store/search/token.ts';
import { codings } from './consent.ts';

/** What kind of partner an Organization is: a coding of its type. An Organization without one belongs to the house, or treats. */
export const partnerKindSystem = `${canonicalBase}/CodeSystem/partner-kind`;

/** The kind of partner; undefined for one that is none. Of two kinds at once nobody could say what they may see: the empty kind, which has nothing. */
export function partnerKind(organization: Resource | undefined): string | undefined {
  const kinds = codings(organization?.type, partnerKindSystem);
  return kinds.length > 1 ? '' : kinds[0];
}

/** Why a partner has to do with a child: a record of the child names `party` (`Type/id`). */
export interface Ground {
  kind: 'team' | 'task' | 'enrollment';
  patientId: string;
  party: string;
  /** Of a team: its own status and period, and the period of the membership. */
  status?: unknown;
  period?: unknown;
  membership?: unknown;
}

/** Records about somebody of a partner organization, or about its system. */
export interface PartnerFacts {
  /** `Practitioner/…` or `PractitionerRole/…`; absent for a system. */
  person?: string;
  /** For what the request is, as its token says (v3-PurposeOfUse); empty or absent: nothing is said. */
  purposes?: readonly string[];
  /** Ids of Organizations for which it was once written down that the viewer works for them. */
  marks: readonly string[];
  roles: readonly Resource[];
  organizations: readonly Resource[];
  grounds: readonly Ground[];
  /** The children of the grounds: id and birth date. */
  children: readonly { id: string; birthDate?: unknown }[];
  agreements: readonly Resource[];
  /** Consents of these children that name the viewer or an organization of the viewer's, and every denial. */
  consents: readonly Resource[];
  /** Flags of these children. */
  childFlags: readonly Resource[];
}

const openTasks = ['requested', 'received', 'accepted', 'ready', 'in-progress', 'on-hold'];
const enrolled = ['active', 'onhold'];

/**
 * The part of the one statement that is about partners; for everybody else its tables are empty. `marked`: organizations of which the viewer was
 * or is (migration 040); `acted`: and those as which a system acts in referrals. `mine`: every record by which the viewer may be named.
 */
export const partnerTables = `
  marked AS (SELECT organization_id FROM access_partner WHERE party = $7), acted AS (
    SELECT organization_id FROM marked
    UNION SELECT split_part(name, '/', 2) FROM referral_partner, LATERAL unnest(acts_for) AS name
     WHERE 'client/' || client_id = $7 AND name LIKE 'Organization/%'
  ), roles AS (
    SELECT r.id, r.self, r.content FROM resource r
     WHERE r.type = 'PractitionerRole' AND NOT r.deleted AND r.tokens @> ARRAY[$8::bigint]
    UNION SELECT r.id, r.self, r.content FROM resource r
     WHERE r.type = 'PractitionerRole' AND NOT r.deleted AND r.self = $9::bigint
  ), employers AS (
    SELECT o.id, o.self, o.content FROM resource o
     WHERE o.type = 'Organization' AND NOT o.deleted AND o.id IN (
       SELECT split_part(content::jsonb -> 'organization' ->> 'reference', '/', 2) FROM roles UNION SELECT organization_id FROM acted)
  ), partners AS (
    SELECT id, self FROM employers WHERE content LIKE '%${partnerKindSystem}%'
  ), mine AS (
    SELECT self, 'Organization/' || id AS name FROM partners
    UNION SELECT self, 'PractitionerRole/' || id FROM roles WHERE EXISTS (SELECT FROM partners)
    UNION SELECT $9::bigint, $4 WHERE $4 <> '' AND EXISTS (SELECT FROM partners)
  ), grounds AS (
    SELECT 'team' AS kind, r.patient_id, one -> 'member' ->> 'reference' AS party, r.content::jsonb ->> 'status' AS status,
           r.content::jsonb -> 'period' AS period, one -> 'period' AS membership
      FROM resource r, LATERAL jsonb_array_elements(coalesce(r.content::jsonb -> 'participant', '[]')) AS one
     WHERE r.type = 'CareTeam' AND NOT r.deleted AND r.tokens && ARRAY(SELECT self # $10::bigint FROM mine)
       AND one -> 'member' ->> 'reference' IN (SELECT name FROM mine)
    UNION SELECT 'task', r.patient_id, r.content::jsonb -> 'owner' ->> 'reference', NULL, NULL, NULL
      FROM resource r WHERE r.type = 'Task' AND NOT r.deleted AND r.tokens && ARRAY(SELECT self # $11::bigint FROM mine)
       AND arrayoverlap(r.tokens, $12::bigint[])
    UNION SELECT 'enrollment', r.patient_id, r.content::jsonb -> 'managingOrganization' ->> 'reference', NULL, NULL, NULL
      FROM resource r WHERE r.type = 'EpisodeOfCare' AND NOT r.deleted AND r.tokens && ARRAY(SELECT self # $13::bigint FROM mine)
       AND arrayoverlap(r.tokens, $14::bigint[])
  ), children AS (SELECT DISTINCT patient_id FROM grounds WHERE patient_id IS NOT NULL)`;

/** The rows of it, as further parts of the answer. */
export const partnerParts = `
  UNION ALL SELECT 'mark', organization_id FROM marked
  UNION ALL SELECT 'PractitionerRole', content FROM roles
  UNION ALL SELECT 'Organization', content FROM employers
  UNION ALL SELECT 'ground', jsonb_build_object('kind', kind, 'patientId', patient_id, 'party', party, 'status', status, 'period', period,
      'membership', membership)::text FROM grounds WHERE patient_id IS NOT NULL
  UNION ALL SELECT 'child', jsonb_build_object('id', r.id, 'birthDate', r.content::jsonb ->> 'birthDate')::text
    FROM children c JOIN resource r ON r.type = 'Patient' AND r.id = c.patient_id WHERE NOT r.deleted
  UNION ALL SELECT 'agreement', r.content FROM resource r
   WHERE r.type = 'Contract' AND NOT r.deleted AND r.tokens && ARRAY(SELECT self # $15::bigint FROM partners)
  UNION ALL SELECT 'child-consent', r.content FROM children c JOIN resource r ON r.type = 'Consent' AND r.patient_id = c.patient_id
   WHERE NOT r.deleted AND (arrayoverlap(r.tokens, ARRAY(SELECT self # $16::bigint FROM mine)) OR r.content ~ '"type"\\s*:\\s*"deny"')
  UNION ALL SELECT 'child-flag', r.content FROM children c JOIN resource r ON r.type = 'Flag' AND r.patient_id = c.patient_id
   WHERE NOT r.deleted AND r.content LIKE '%http://careweave.org/fhir/CodeSystem/privacy-flag%'`;

/** Its values, from $7 on. `type` and `id` are empty for a system. */
export function partnerValues(type: string, id: string, clientId: string): unknown[] {
  const isPerson = id !== '';
  const anyOf = (of: string, param: string, codes: readonly string[]) =>
    codes.flatMap((code) => tokenOf(of, param, { kind: 'token', code }) ?? []);
  return [
    isPerson ? `${type}/${id}` : `client/${clientId}`,
    referenceToken('PractitionerRole', 'practitioner', type, id),
    isPerson ? selfToken(type, id) : null,
    referenceMask('CareTeam', 'participant'),
    referenceMask('Task', 'owner'),
    anyOf('Task', 'status', openTasks),
    referenceMask('EpisodeOfCare', 'organization'),
    anyOf('EpisodeOfCare', 'status', enrolled),
    referenceMask('Contract', 'signer'),
    referenceMask('Consent', 'actor'),
  ];
}
