import { fail, ok, type Result } from '../../base/errors.ts';
import type { Client, NewClient } from '../types.ts';

const texts: Readonly<Record<string, 'id' | 'name' | 'scopes' | 'jwksUrl' | 'logoUrl' | 'tenant'>> = {
  client_id: 'id',
  name: 'name',
  scope: 'scopes',
  jwks_uri: 'jwksUrl',
  logo_uri: 'logoUrl',
  tenant: 'tenant',
};
const lists: Readonly<
  Record<string, 'redirectUris' | 'launchUrls' | 'origins' | 'contacts' | 'stateCodes' | 'purposes'>
> = {
  redirect_uris: 'redirectUris',
  launch_urls: 'launchUrls',
  origins: 'origins',
  contacts: 'contacts',
  state_codes: 'stateCodes',
  purposes: 'purposes',
};
const flags: Readonly<Record<string, 'native' | 'introspects' | 'admin'>> = {
  native: 'native',
  introspects: 'introspects',
  admin: 'admin',
};
const types: readonly Client['type'][] = ['public', 'symmetric', 'asymmetric'];

/** A registration as JSON. A member that is unknown or of another kind is refused by its name: nobody is to believe that it counts. */
export function readNewClient(body: Readonly<Record<string, unknown>>): Result<NewClient> {
  const type = types.find((one) => one === body.type);
  if (!type) return fail('invalid', 'type is public, symmetric or asymmetric.');
  const client: NewClient = { name: '', scopes: '', type };
  for (const [member, value] of Object.entries(body)) {
    if (member === 'type') continue;
    if (member === 'jwks') client.jwks = value;
    else if (!take(client, member, value))
      return fail('invalid', `${named(member)} is not known here, or of another kind.`);
  }
  return ok(client);
}

function take(client: NewClient, member: string, value: unknown): boolean {
  const own = <T>(kinds: Readonly<Record<string, T>>) => (Object.hasOwn(kinds, member) ? kinds[member] : undefined);
  const [text, list, flag] = [own(texts), own(lists), own(flags)];
  if (text && typeof value === 'string') client[text] = value;
  else if (list && isTexts(value)) client[list] = value;
  else if (flag && typeof value === 'boolean') client[flag] = value;
  else return false;
  return true;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

/** A member's name, unless it could be anything else. */
function named(member: string): string {
  return /^\w{1,40}$/.test(member) ? member : 'A member';
}
