import { isAsProtected } from '../../base/addresses.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import type { GuardedFetch } from '../../base/guarded-fetch.ts';
import { readJsonObject } from './read-json.ts';

/** What a hospital's `.well-known/smart-configuration` tells an app that is being launched. */
export interface EhrConfiguration {
  authorizationEndpoint: string;
  tokenEndpoint: string;
  /** Who signs its id_tokens; its FHIR base when it does not say. */
  issuer: string;
  /** It says so itself. */
  namesIssuer: boolean;
  jwksUri?: string;
}

/** Reads the configuration of a configured site. `busy`: not reachable; `unprocessable`: reachable, but of no use. */
export async function discover(iss: string, guardedFetch: GuardedFetch): Promise<Result<EhrConfiguration>> {
  const base = iss.endsWith('/') ? iss.slice(0, -1) : iss;
  const answer = await guardedFetch(`${base}/.well-known/smart-configuration`, {
    headers: { accept: 'application/json' },
    redirects: 'same-origin',
  });
  if (!answer.ok) return fail('busy', 'The SMART configuration could not be read.', { cause: answer.error.class });
  const found = readJsonObject(answer.value.body);
  const authorizationEndpoint = address(found?.authorization_endpoint, iss);
  const tokenEndpoint = address(found?.token_endpoint, iss);
  if (!authorizationEndpoint || !tokenEndpoint) return fail('unprocessable', 'The SMART configuration is incomplete.');
  const configuration: EhrConfiguration = {
    authorizationEndpoint,
    tokenEndpoint,
    issuer: typeof found?.issuer === 'string' ? found.issuer : iss,
    namesIssuer: typeof found?.issuer === 'string',
  };
  const jwksUri = address(found?.jwks_uri, iss);
  if (jwksUri) configuration.jwksUri = jwksUri;
  return ok(configuration);
}

/** An endpoint must be as well protected as the FHIR base: the browser or our assertion is sent there. */
function address(value: unknown, iss: string): string | undefined {
  return typeof value === 'string' && isAsProtected(value, iss) ? value : undefined;
}
