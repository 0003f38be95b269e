import { isAsProtected } from '../../base/addresses.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import type { GuardedFetch } from '../../base/guarded-fetch.ts';
import { parseJson } from '../../fhir/json.ts';
import { isShape, type Shape, textOf } from '../shape.ts';
import { classify } from '../transport/failure.ts';
import { siteError } from '../transport/site-error.ts';
import { type Capability, readCapability } from './capability.ts';

export interface Discovery {
  tokenUrl: string;
  capability: Capability;
}

/**
 * Asks a site what it is: first `/metadata`, then `/.well-known/smart-configuration`, one after the other and both needed
 * (where the two disagree about OAuth, the latter counts). No token is sent.
 */
export async function discover(baseUrl: string, fetch: GuardedFetch): Promise<Result<Discovery>> {
  const statement = await readJson(fetch, `${baseUrl}/metadata`, 'application/fhir+json');
  if (!statement.ok) return statement;
  if (statement.value.resourceType !== 'CapabilityStatement') {
    return fail('unprocessable', 'The base URL of the site does not answer as a FHIR server (no CapabilityStatement).');
  }
  const version = textOf(statement.value.fhirVersion);
  if (version !== undefined && !version.startsWith('4.')) {
    return fail('unprocessable', 'The site speaks another version of FHIR than R4.');
  }
  const smart = await readJson(fetch, `${baseUrl}/.well-known/smart-configuration`, 'application/json');
  if (!smart.ok) return smart;
  const tokenUrl = textOf(smart.value.token_endpoint);
  if (tokenUrl === undefined || !isAsProtected(tokenUrl, baseUrl)) {
    return fail('unprocessable', "The site's SMART configuration names no token endpoint, or one without https.");
  }
  return ok({ tokenUrl, capability: readCapability(statement.value) });
}

async function readJson(fetch: GuardedFetch, url: string, accept: string): Promise<Result<Shape>> {
  const answer = await fetch(url, { headers: { accept }, redirects: 'same-origin' });
  const what = url.endsWith('/metadata') ? 'the CapabilityStatement' : 'the SMART configuration';
  if (!answer.ok) return fail(...siteError(classify(answer.error), what));
  try {
    const body = parseJson(answer.value.body);
    if (isShape(body)) return ok(body);
  } catch {
    // Falls through: an HTML page is as little use as broken JSON.
  }
  return fail(...siteError({ class: 'malformed', status: answer.value.status }, what));
}
