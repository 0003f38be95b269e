import type { Principal } from './access/types.ts';

/** A person in our own words: for what is written to them. */
export function asPerson(fhirUser: string): Principal {
  const scopes = [{ level: 'user' as const, type: '*', interactions: new Set(['r', 's'] as const) }];
  return { kind: 'user', id: fhirUser, clientId: 'careweave', scopes, fhirUser };
}
