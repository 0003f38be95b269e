import type { Principal, View } from './types.ts';

/**
 * Gives a person's principal its view, as long as no privacy policy does: a Practitioner's is everything, anybody else's is nothing. Clients
 * have none: they reach what their scopes say.
 */
export function admit(principal: Principal): Principal {
  return principal.kind === 'user' ? { ...principal, view: viewOf(principal.fhirUser) } : principal;
}

function viewOf(person: string | undefined): View {
  const isPractitioner = /^Practitioner\/[A-Za-z0-9\-.]{1,64}$/.test(person ?? '');
  return { grants: isPractitioner ? [{ types: 'any' }] : [], policy: 'none' };
}
