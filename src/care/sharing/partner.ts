import { agreedBetween } from '../../access/policy/agreement.ts';
import type { AccessClass, Policy } from '../../access/policy/compile.ts';
import type { PartnerDocument } from '../../access/policy/document.ts';
import { partnerKind, partnerKindSystem } from '../../access/policy/partner-facts.ts';
import { type Leave, leaveFor } from '../../access/policy/partner-view.ts';
import type { Resource } from '../../fhir/types.ts';
import { referenceToken } from '../../store/search/token.ts';
import type { Presumption, Reader, Sql } from '../../store/types.ts';
import { currentOf } from '../stored.ts';
import type { ChildRecords } from './child-records.ts';

/** A partner organization, as the policy knows it. */
export interface Partner {
  reference: string;
  organization: Resource;
  kind: string;
  rules: PartnerDocument;
  of: AccessClass;
  /** As whom records name it: the organization, and who works or worked there. */
  me: readonly string[];
}

/** Organizations, by id, that may be partners: whatever has such a type names its code system. `partnerAt` says what it is. */
export const partnerHere: Presumption = {
  name: 'partner',
  text: `SELECT FROM resource WHERE type = 'Organization' AND id = ANY ((SELECT $1::text[])::text[])
     AND strpos(content, '${partnerKindSystem}') > 0`,
};

/** Undefined for an Organization that is not here, is over, or is no partner of a kind that the policy has. */
export async function partnerAt(reader: Reader, reference: string, policy: Policy): Promise<Partner | undefined> {
  const [type = '', id = ''] = reference.split('/');
  const organization = type === 'Organization' ? currentOf(await reader.read(type, id)) : undefined;
  const kind = partnerKind(organization);
  const partners = policy.document.partners ?? {};
  const rules = kind !== undefined && Object.hasOwn(partners, kind) ? partners[kind] : undefined;
  const of = rules && policy.classes.get(rules.class);
  if (!organization || kind === undefined || !rules || !of || organization.active === false) return undefined;
  const people = await reader.query<{ party: string }>('SELECT party FROM access_partner WHERE organization_id = $1', [
    id,
  ]);
  return { reference, organization, kind, rules, of, me: [reference, ...people.map(({ party }) => party)] };
}

/** The partner organizations that a reference stands for: itself, or those for which that person or role works. */
export async function employersOf(sql: Sql, reference: string): Promise<string[]> {
  if (reference.startsWith('Organization/')) return [reference];
  if (!/^Practitioner(Role)?\//.test(reference)) return [];
  const rows = await sql.query<{ organization_id: string }>(
    'SELECT organization_id FROM access_partner WHERE party = $1',
    [reference],
  );
  return rows.map(({ organization_id }) => `Organization/${organization_id}`);
}

/** The agreements in force that a partner has signed. */
export async function agreementsOf(sql: Sql, { reference }: Partner, policy: Policy, now: Date): Promise<Resource[]> {
  const [, id = ''] = reference.split('/');
  const rows = await sql.query<{ content: string }>(
    `SELECT content FROM resource WHERE type = 'Contract' AND NOT deleted AND tokens @> ARRAY[$1::bigint]`,
    [referenceToken('Contract', 'signer', 'Organization', id)],
  );
  // The store wrote these texts: their shape is known.
  const all = rows.map(({ content }) => JSON.parse(content) as Resource);
  return all.filter((contract) => agreedBetween(contract, policy, now).includes(reference));
}

export function leaveOf(child: ChildRecords, partner: Partner, policy: Policy, now: Date): Leave {
  return leaveFor(child, partner, { consents: child.consents, childFlags: child.flags }, policy, now);
}
