import { intersectScopes, parseScopes, type ScopeSet } from '../../access/scopes.ts';
import { refuse } from '../refusal.ts';
import { type Check, settled } from './exchange.ts';

/**
 * What is granted is what was asked for, within the client's ceiling and the levels the endpoint can give:
 * system/ for machines (SC-141), patient/ and user/ for a person's app. Nothing left is `invalid_scope`.
 */
export const checkScope: Check = (exchange, room) => {
  const text = exchange.parameters.one('scope');
  if (text === undefined) return refuse('invalid_scope', 'scope is required.', 'scope missing');
  const ceiling = parseScopes(settled(exchange.client, 'client').scopes, room.resourceTypes);
  const granted = intersectScopes(parseScopes(text, room.resourceTypes), ceiling);
  const scopes = exchange.endpoint === 'backend' ? forMachine(granted) : forPerson(granted);
  if (scopes.resource.length === 0) return refuse('invalid_scope', 'None of the scopes can be granted.', 'scope empty');
  exchange.scopes = scopes;
  return undefined;
};

function forMachine(scopes: ScopeSet): ScopeSet {
  return { resource: scopes.resource.filter((scope) => scope.level === 'system'), special: [] };
}

/** Special scopes we act on; the others are for later issues and must not be claimed as granted. */
const acted: readonly string[] = ['launch', 'openid', 'fhirUser'];

function forPerson(scopes: ScopeSet): ScopeSet {
  return {
    resource: scopes.resource.filter((scope) => scope.level !== 'system'),
    special: scopes.special.filter((name) => acted.includes(name)),
  };
}
