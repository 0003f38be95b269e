import { createHash, randomBytes } from 'node:crypto';
import { parseScopes } from '../../../src/access/scopes.ts';
import { createClientSecrets } from '../../../src/auth/client-secrets.ts';
import { createCodes } from '../../../src/auth/codes.ts';
import type { NewClient, NewGrant } from '../../../src/auth/types.ts';
import { type Answer, type AuthServer, postForm, resourceTypes } from './auth-server.ts';

export const callback = 'https://app.example/callback';

/** An app of somebody else's, as an administrator registers it. */
export async function addApp(server: AuthServer, change: Partial<NewClient> = {}): Promise<string> {
  const added = await server.auth.addClient({
    name: 'Growth chart',
    type: 'public',
    scopes: 'launch openid fhirUser offline_access online_access patient/*.cruds user/*.cruds',
    redirectUris: [callback],
    ...change,
  });
  if (!added.ok) throw new Error(added.error.issues[0]?.text);
  return added.value.id;
}

export async function addSymmetricApp(
  server: AuthServer,
  change: Partial<NewClient> = {},
): Promise<{ id: string; secret: string }> {
  const id = await addApp(server, { type: 'symmetric', ...change });
  return { id, secret: await createClientSecrets(server).add(id) };
}

export type GrantChange = Partial<Omit<NewGrant, 'scopes'>> & { scope?: string };

/** A code for what a person has granted, and the verifier that belongs to it. */
export async function newCode(
  server: AuthServer,
  clientId: string,
  { scope = 'openid fhirUser offline_access patient/*.rs', ...change }: GrantChange = {},
): Promise<{ code: string; verifier: string }> {
  const verifier = randomBytes(32).toString('base64url');
  const codes = createCodes({ ...server, standing: { forget: () => {} }, resourceTypes });
  const code = await codes.create({
    clientId,
    redirectUri: callback,
    codeChallenge: createHash('sha256').update(verifier).digest('base64url'),
    fhirUser: 'RelatedPerson/mother',
    patientId: 'child-1',
    scopes: parseScopes(scope, resourceTypes),
    ...change,
  });
  return { code, verifier };
}

/** Exchanges a code. A parameter set to '' counts as left out. */
export function redeem(
  server: AuthServer,
  clientId: string,
  { code, verifier }: { code: string; verifier: string },
  change: Record<string, string> = {},
): Promise<Answer> {
  const form = { grant_type: 'authorization_code', client_id: clientId, redirect_uri: callback };
  return postForm(server.tokenUrl, { ...form, code, code_verifier: verifier, ...change });
}

/** The tokens of a new grant, and everything else that the answer says. */
export async function newTokens(
  server: AuthServer,
  clientId: string,
  change: GrantChange = {},
  form: Record<string, string> = {},
): Promise<Record<string, unknown> & { access_token: string; refresh_token: string }> {
  const answer = await redeem(server, clientId, await newCode(server, clientId, change), form);
  if (answer.status !== 200) throw new Error(`no tokens: ${JSON.stringify(answer.body)}`);
  const { access_token, refresh_token } = answer.body;
  return { ...answer.body, access_token: String(access_token), refresh_token: String(refresh_token) };
}

export function refresh(
  server: AuthServer,
  clientId: string,
  token: string,
  change: Record<string, string> = {},
): Promise<Answer> {
  const form = { grant_type: 'refresh_token', client_id: clientId, refresh_token: token };
  return postForm(server.tokenUrl, { ...form, ...change });
}

/** Does the access token open anything? */
export async function opens(server: AuthServer, token: unknown): Promise<boolean> {
  return (await server.auth.verifyBearer(`Bearer ${String(token)}`)).ok;
}
