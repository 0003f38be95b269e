import { fail, ok, type Result } from '../../base/errors.ts';
import type { Command } from '../../module.ts';
import type { Sql } from '../../store/types.ts';

/** `partner client add|remove|list`: which client is the system of a partner organization, and sees what the policy gives its kind. */
export function partnerCommands(forget: () => void): Command[] {
  return [
    {
      name: 'partner client add',
      administers: true,
      summary:
        'Binds a client to a partner organization: from then on it sees of children what the policy gives that partner.',
      takes: ['client', 'organization'],
      run: async ({ arguments: given, store }) => {
        const bound = await bindClient(store, given.client ?? '', given.organization ?? '');
        if (bound.ok) forget();
        return bound;
      },
    },
    {
      name: 'partner client remove',
      administers: true,
      summary:
        'Takes a client from a partner organization. It then sees what its scopes say: revoke it first if that is too much.',
      takes: ['client', 'organization'],
      run: async ({ arguments: given, store }) => {
        const text = 'DELETE FROM access_partner WHERE party = $1 AND organization_id = $2 RETURNING party';
        const gone = await store.query(text, [`client/${given.client}`, idOf(given.organization ?? '')]);
        forget();
        return gone.length > 0 ? ok(undefined) : fail('not-found', 'That client is not bound to that organization.');
      },
    },
    {
      name: 'partner client list',
      summary: 'Lists which client is bound to which partner organization.',
      run: async ({ store, print }) => {
        const rows = await store.query<{ party: string; organization_id: string }>(
          `SELECT party, organization_id FROM access_partner WHERE party LIKE 'client/%' ORDER BY party, organization_id`,
        );
        for (const { party, organization_id } of rows) print(`${party.slice(7)}\tOrganization/${organization_id}`);
        return ok(undefined);
      },
    },
  ];
}

/** Error `not-found` for a client that is not registered, `invalid` for what is no reference to an Organization. */
export async function bindClient(sql: Sql, clientId: string, organization: string): Promise<Result<void>> {
  const id = idOf(organization);
  if (id === undefined) return fail('invalid', 'The organization is written Organization/<id>.');
  const known = await sql.query('SELECT 1 AS one FROM auth_client WHERE id = $1', [clientId]);
  if (known.length === 0) return fail('not-found', 'There is no such client.');
  const text = 'INSERT INTO access_partner (party, organization_id) VALUES ($1, $2) ON CONFLICT DO NOTHING';
  await sql.query(text, [`client/${clientId}`, id]);
  return ok(undefined);
}

function idOf(organization: string): string | undefined {
  return /^Organization\/([A-Za-z0-9.-]{1,64})$/.exec(organization)?.[1];
}
