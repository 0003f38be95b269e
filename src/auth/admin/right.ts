import type { Principal } from '../../access/types.ts';
import type { AuthRoom } from '../room.ts';

/**
 * The right to administer. It is the client's, by its registration, and no scope that somebody could ask for; a person who uses such a
 * client must have it too. So no app of somebody else's gets it by being opened by an administrator.
 */
export async function mayAdminister({ clientId, fhirUser }: Principal, room: AuthRoom): Promise<boolean> {
  const client = await room.clients.find(clientId);
  if (!client?.active || !client.admin) return false;
  return fhirUser === undefined || (await room.accounts.isAdministrator(fhirUser));
}
