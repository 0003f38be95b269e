import type { Request } from 'express';
import { parseScopes } from '../../access/scopes.ts';
import type { Principal } from '../../access/types.ts';
import { signedIn } from '../people/signed-in.ts';
import type { AuthRoom } from '../room.ts';

/** Whom a launch will be good for. */
export type Asker =
  | {
      fhirUsers: readonly string[];
      /** An app that was itself opened for one child can open another one for that child only. */
      onlyPatient?: string;
    }
  | { forAnybody: true };

/**
 * A person who is signed in on a page of ours, an app in a person's name, or a record system's client. An app or client of others may open
 * apps when its registered scopes hold `launch`; one that acts for a person opens them for that person alone.
 */
export async function askerOf(request: Request, room: AuthRoom): Promise<Asker | undefined> {
  const header = request.headers.authorization;
  if (header !== undefined) {
    const principal = await room.tokens.verifyBearer(header);
    return principal.ok ? askerWith(principal.value, room) : undefined;
  }
  const found = fromOurPage(request, room) ? await signedIn(request, room) : undefined;
  return found && { fhirUsers: found.session.fhirUsers };
}

async function askerWith(principal: Principal, room: AuthRoom): Promise<Asker | undefined> {
  const client = await room.clients.find(principal.clientId);
  if (!client) return undefined;
  const mayLaunch = parseScopes(client.scopes, room.resourceTypes).special.includes('launch');
  if (principal.kind !== 'user') return mayLaunch ? { forAnybody: true } : undefined;
  const { fhirUser, patientId } = principal;
  if (fhirUser === undefined || !(client.firstParty || mayLaunch)) return undefined;
  return { fhirUsers: [fhirUser], ...(patientId !== undefined && !client.firstParty && { onlyPatient: patientId }) };
}

/** A cookie alone proves nothing about the page: JSON, and where the browser says where it comes from, from us. */
function fromOurPage(request: Request, room: AuthRoom): boolean {
  const { origin } = request.headers;
  return (
    request.is('application/json') !== false && (origin === undefined || origin === new URL(room.publicUrl).origin)
  );
}
