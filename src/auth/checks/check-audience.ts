import { refuse } from '../refusal.ts';
import type { Check } from './exchange.ts';

/** SC-034: the app names the FHIR server it means to use, so that it cannot be lured into handing our token to another. */
export const checkAudience: Check = (exchange, room) => {
  const named = [exchange.parameters.one('aud'), exchange.parameters.one('resource')].filter(
    (url) => url !== undefined,
  );
  const ours = withoutSlash(room.fhirBaseUrl);
  const right = named.length > 0 && named.every((url) => withoutSlash(url) === ours);
  return right ? undefined : refuse('invalid_request', 'aud must be the address of this FHIR server.', 'aud');
};

function withoutSlash(url: string): string {
  return url.endsWith('/') ? url.slice(0, -1) : url;
}
