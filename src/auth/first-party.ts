import { ok, type Result } from '../base/errors.ts';
import type { Clients } from './clients.ts';

/** The clinician page's client_id: a public client, for a browser keeps no secret. */
export const clinicianClientId = 'careweave-clinician';

/** The family's page: a public client too. It asks for what families do, and for no more. */
export const familyClientId = 'careweave-family';
const familyScopes =
  'launch/patient openid fhirUser patient/*.rs patient/Goal.u patient/Task.cu patient/Observation.c patient/Consent.cu patient/RequestGroup.c patient/QuestionnaireResponse.cu';

/** The coordinator's page: about all children that its person may see. It deletes nothing: what ends says why. */
export const coordinatorClientId = 'careweave-coordinator';

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
  if (!clinician.ok) return clinician;
  const family = await clients.put({
    id: familyClientId,
    name: 'Careweave family page',
    type: 'public',
    scopes: familyScopes,
    redirectUris: [`${publicUrl}/family/callback`],
    launchUrls: [],
    firstParty: true,
  });
  if (!family.ok) return family;
  const coordinator = await clients.put({
    id: coordinatorClientId,
    name: 'Careweave coordinator page',
    type: 'public',
    // A desk is open all day: its token is renewed for as long as its person is signed in.
    scopes: 'openid fhirUser online_access user/*.crus',
    redirectUris: [`${publicUrl}/coordinator/callback`],
    launchUrls: [],
    firstParty: true,
  });
  return coordinator.ok ? ok(undefined) : coordinator;
}
