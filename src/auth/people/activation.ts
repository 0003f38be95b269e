import type { AuthRoom } from '../room.ts';
import { type Account, contactKey } from './accounts.ts';

/**
 * PP-06: why an account may not be used yet; undefined when nothing is in the way. A young person's own account must not be reached through
 * the telephone or e-mail of somebody who is their proxy.
 */
export async function activationProblem(
  { contact, fhirUsers }: Pick<Account, 'contact' | 'fhirUsers'>,
  { accounts, directory }: Pick<AuthRoom, 'accounts' | 'directory'>,
): Promise<string | undefined> {
  const own = fhirUsers.filter((link) => link.startsWith('Patient/')).map((link) => link.slice('Patient/'.length));
  if (contact === undefined || own.length === 0) return undefined;
  for (const patientId of own) {
    const proxies = await directory.proxiesOf(patientId);
    const links = proxies.map(({ fhirUser }) => fhirUser);
    const theirs = proxies.flatMap(({ contacts }) => contacts.map(contactKey));
    const accountsOfProxies = (await accounts.list()).filter((one) =>
      one.fhirUsers.some((link) => links.includes(link)),
    );
    theirs.push(...accountsOfProxies.flatMap((one) => (one.contact === undefined ? [] : [one.contact])));
    if (theirs.includes(contactKey(contact)))
      return "The contact of this account is also a parent's or guardian's. Give the young person's own, with: careweave user contact.";
  }
  return undefined;
}
