import type { Request, RequestHandler, Response } from 'express';
import { parseScopes } from '../../access/scopes.ts';
import type { Principal } from '../../access/types.ts';
import { limits } from '../../base/limits.ts';
import { signedIn } from '../people/signed-in.ts';
import type { AuthRoom } from '../room.ts';
import { type AskedLaunch, readLaunch } from './read-context.ts';

/** Whom a launch will be good for. */
type Asker = { fhirUsers: readonly string[] } | { forAnybody: true };

/**
 * POST /auth/launch-context (SC-050): a launch id for one client, one person and one child. Asked for by a person who is signed in (JSON from our
 * own pages only: another site's page cannot send that without being asked first), by an app of ours in a person's name, or by a record
 * system's client whose registered scopes hold `launch`, which names the person.
 */
export function launchContextEndpoint(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    response.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
    const asker = await askerOf(request, room);
    if (!asker) return refuse(response, 401, 'Sign in, or send the access token of a client that may launch apps.');
    const asked = readLaunch(bodyOf(request));
    if (!asked.ok) return refuse(response, 400, asked.error.issues[0]?.text ?? '');
    const made = await launchFor(asked.value, asker, room);
    if ('problem' in made) return refuse(response, made.status, made.problem);
    response.status(201).json(made);
  };
}

async function launchFor(
  asked: AskedLaunch,
  asker: Asker,
  room: AuthRoom,
): Promise<
  { launch: string; launch_urls: string[]; iss: string; expires_in: number } | { status: number; problem: string }
> {
  const client = await room.clients.find(asked.clientId);
  const launchable =
    client?.active && parseScopes(client.scopes, room.resourceTypes).special.includes('launch') ? client : undefined;
  if (!launchable) return { status: 400, problem: 'client_id is not an app that can be launched.' };
  if ('forAnybody' in asker && asked.fhirUser === undefined) return { status: 400, problem: 'user is required.' };
  const people = 'forAnybody' in asker ? [] : asker.fhirUsers;
  if (asked.fhirUser !== undefined && people.length > 0 && !people.includes(asked.fhirUser))
    return { status: 403, problem: 'A launch in the name of another person is not allowed.' };
  for (const fhirUser of asked.fhirUser === undefined ? people : [asked.fhirUser]) {
    if (!(await room.directory.patient(fhirUser, asked.patientId))) continue;
    const { clientId, patientId, needPatientBanner, context } = asked;
    const encounter = await knowsEncounter(asked, fhirUser, room);
    if (!encounter) return { status: 400, problem: 'encounter is not one of this patient that the person may see.' };
    const launch = await room.launches.create({ clientId, fhirUser, patientId, needPatientBanner, context });
    return {
      launch,
      launch_urls: launchable.launchUrls,
      iss: room.fhirBaseUrl,
      expires_in: limits.auth.launchLifeSeconds,
    };
  }
  // The same for a child that is not there and for one that this person may not see.
  return { status: 400, problem: 'patient is not one that the person may see.' };
}

async function knowsEncounter(asked: AskedLaunch, fhirUser: string, room: AuthRoom): Promise<boolean> {
  const { encounterId } = asked.context;
  return encounterId === undefined || room.directory.hasEncounter(fhirUser, asked.patientId, encounterId);
}

async function askerOf(request: Request, room: AuthRoom): Promise<Asker | undefined> {
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
  if (principal.kind === 'user')
    return client.firstParty && principal.fhirUser !== undefined ? { fhirUsers: [principal.fhirUser] } : undefined;
  const mayLaunch = parseScopes(client.scopes, room.resourceTypes).special.includes('launch');
  return mayLaunch ? { forAnybody: true } : undefined;
}

/** A cookie alone proves nothing about the page: JSON, and where the browser says where it comes from, from us. */
function fromOurPage(request: Request, room: AuthRoom): boolean {
  const { origin } = request.headers;
  return (
    request.is('application/json') !== false && (origin === undefined || origin === new URL(room.publicUrl).origin)
  );
}

function bodyOf(request: Request): unknown {
  try {
    return typeof request.body === 'string' ? JSON.parse(request.body) : undefined;
  } catch {
    return undefined;
  }
}

function refuse(response: Response, status: number, text: string): void {
  if (status === 401) response.set('WWW-Authenticate', 'Bearer');
  response.status(status).json({ error: 'invalid_request', error_description: text });
}
