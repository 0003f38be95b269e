import { ok, type Result } from '../base/errors.ts';
import type { Clients } from './clients.ts';

/** The clinician page's client_id: a public client, for a browser keeps no secret. */
export const clinicianClientId = 'careweave-clinician';

/** Where the clinician page starts; a launch from a hospital ends up here. */
export function clinicianLaunchUrl(publicUrl: string): string {
  return `${publicUrl}/clinician/launch`;
}

/** Registers our own apps, or brings them up to date with the address we are reached at. Run at every start. */
export async function ensureFirstPartyClients(clients: Clients, publicUrl: string): Promise<Result<void>> {
  const clinician = await clients.put({
    id: clinicianClientId,
    name: 'Careweave clinician page',
    type: 'public',
    scopes: 'launch openid fhirUser patient/*.cruds user/*.cruds',
    redirectUris: [`${publicUrl}/clinician/callback`],
    launchUrls: [clinicianLaunchUrl(publicUrl)],
    firstParty: true,
  });
  return clinician.ok ? ok(undefined) : clinician;
}
