import { ok } from '../../base/errors.ts';
import { parseJson } from '../../fhir/json.ts';
import type { Resource } from '../../fhir/types.ts';
import { referenceToken } from '../../store/search/token.ts';
import type { Tx, WriteEffect } from '../../store/types.ts';
import { referenceOf } from './consent.ts';
import { partnerKind } from './partner-facts.ts';

/**
 * Remembers who works for a partner (`access_partner`), whichever is written first, the role or what the organization is: a role that is ended or
 * deleted later does not make staff of them.
 */
export const markPartners: WriteEffect = {
  name: 'mark-partners',
  types: ['Organization', 'PractitionerRole'],
  apply: async ({ type, id, after }, tx) => {
    if (!after) return ok(undefined);
    if (type === 'PractitionerRole') {
      const organizationId = await partnerOf(after, tx);
      if (organizationId !== undefined) await mark([after], organizationId, tx);
    } else if (partnerKind(after) !== undefined) await mark(await rolesAt(id, tx), id, tx);
    return ok(undefined);
  },
};

/** The id of the partner organization that a role is in. */
export async function partnerOf(role: Resource, tx: Tx): Promise<string | undefined> {
  const id = organizationOf(role);
  const stored = id === undefined ? undefined : await tx.read('Organization', id);
  if (!stored || stored.deleted) return undefined;
  return partnerKind(parseJson(stored.json) as Resource) === undefined ? undefined : id;
}

export function organizationOf(role: Resource): string | undefined {
  return /^Organization\/([A-Za-z0-9.-]{1,64})$/.exec(referenceOf(role.organization) ?? '')?.[1];
}

/** `Practitioner/…` and `PractitionerRole/…`. */
export function partiesOf(role: Resource): string[] {
  const practitioner = referenceOf(role.practitioner);
  return [...(practitioner?.startsWith('Practitioner/') ? [practitioner] : []), `PractitionerRole/${role.id ?? ''}`];
}

async function rolesAt(organizationId: string, tx: Tx): Promise<Resource[]> {
  const rows = await tx.query<{ content: string }>(
    `SELECT content FROM resource WHERE type = 'PractitionerRole' AND NOT deleted AND tokens @> ARRAY[$1::bigint]`,
    [referenceToken('PractitionerRole', 'organization', 'Organization', organizationId)],
  );
  // The store wrote these texts: their shape is known.
  return rows.map(({ content }) => parseJson(content) as Resource);
}

async function mark(roles: readonly Resource[], organizationId: string, tx: Tx): Promise<void> {
  const parties = [...new Set(roles.flatMap(partiesOf))];
  if (parties.length === 0) return;
  await tx.own.query(
    'INSERT INTO access_partner (party, organization_id) SELECT unnest($1::text[]), $2 ON CONFLICT DO NOTHING',
    [parties, organizationId],
  );
}
