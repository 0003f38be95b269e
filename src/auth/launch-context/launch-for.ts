import { parseScopes } from '../../access/scopes.ts';
import { limits } from '../../base/limits.ts';
import type { AuthRoom } from '../room.ts';
import type { Client } from '../types.ts';
import type { Asker } from './asker.ts';
import type { AskedLaunch } from './read-context.ts';

interface Made {
  launch: string;
  launch_urls: string[];
  iss: string;
  expires_in: number;
}

/** Makes the launch when this asker may have it for this child; else says why not, the same for a child hidden and one that is not there. */
export async function launchFor(
  asked: AskedLaunch,
  asker: Asker,
  room: AuthRoom,
): Promise<Made | { status: number; problem: string }> {
  const client = await launchable(asked.app, room);
  if (!client) return { status: 400, problem: 'client_id or launch URL is not of an app that can be launched.' };
  if ('forAnybody' in asker && asked.fhirUser === undefined) return { status: 400, problem: 'user is required.' };
  const people = 'forAnybody' in asker ? [] : asker.fhirUsers;
  if (asked.fhirUser !== undefined && people.length > 0 && !people.includes(asked.fhirUser))
    return { status: 403, problem: 'A launch in the name of another person is not allowed.' };
  const onlyPatient = 'forAnybody' in asker ? undefined : asker.onlyPatient;
  for (const fhirUser of asked.fhirUser === undefined ? people : [asked.fhirUser]) {
    if (onlyPatient !== undefined && onlyPatient !== asked.patientId) continue;
    if (!(await room.directory.patient(fhirUser, asked.patientId))) continue;
    const { patientId, needPatientBanner, context } = asked;
    const { encounterId } = context;
    if (encounterId !== undefined && !(await room.directory.hasEncounter(fhirUser, patientId, encounterId)))
      return { status: 400, problem: 'encounter is not one of this patient that the person may see.' };
    const launch = await room.launches.create({ clientId: client.id, fhirUser, patientId, needPatientBanner, context });
    const { launchUrls } = client;
    return { launch, launch_urls: launchUrls, iss: room.fhirBaseUrl, expires_in: limits.auth.launchLifeSeconds };
  }
  return { status: 400, problem: 'patient is not one that the person may see.' };
}

/** The app, when it is active and takes launches. A launch URL that two apps share names neither of them. */
async function launchable(app: AskedLaunch['app'], room: AuthRoom): Promise<Client | undefined> {
  const found = 'clientId' in app ? [await room.clients.find(app.clientId)] : await byLaunchUrl(app.launchUrl, room);
  const [client] = found;
  if (!client?.active || found.length > 1) return undefined;
  return parseScopes(client.scopes, room.resourceTypes).special.includes('launch') ? client : undefined;
}

async function byLaunchUrl(launchUrl: string, room: AuthRoom): Promise<Client[]> {
  const clients = await room.clients.list();
  return clients.filter(({ active, launchUrls }) => active && launchUrls.includes(launchUrl));
}
