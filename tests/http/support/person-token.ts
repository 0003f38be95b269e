import { createHash, randomBytes } from 'node:crypto';
import { createSessions } from '../../../src/auth/sessions.ts';
import type { TestHouse } from '../../support/house.ts';

/** A person's access token for one child, got by EHR launch as an app gets it. The app is one of the house's own: it asks for no consent. */
export async function personToken(
  house: TestHouse,
  { clientId, redirectUri, patientId }: { clientId: string; redirectUri: string; patientId: string },
): Promise<string> {
  const { session, cookie } = await createSessions({ sql: house.store, clock: house.clock }).start({
    fhirUser: 'Practitioner/doctor',
    siteId: 'north',
  });
  const launch = await house.auth.createLaunch({
    clientId,
    sessionHash: session.hash,
    patientId,
    needPatientBanner: true,
  });
  if (!launch.ok) throw new Error('no launch');
  const verifier = randomBytes(32).toString('base64url');
  const asked = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    launch: launch.value.launchId,
    scope: 'launch openid fhirUser patient/*.rs',
    state: 'state',
    aud: `${house.url}/fhir`,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const headers = { cookie: `careweave_session=${cookie}` };
  const sent = await fetch(`${house.url}/auth/authorize?${asked}`, { headers, redirect: 'manual' });
  const code = new URL(sent.headers.get('location') ?? '').searchParams.get('code');
  if (!code) throw new Error(`no code: ${sent.headers.get('location')}`);
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: clientId,
    redirect_uri: redirectUri,
    code,
    code_verifier: verifier,
  });
  const answer = await fetch(`${house.url}/auth/token`, { method: 'POST', body });
  const given: any = await answer.json();
  return given.access_token;
}
