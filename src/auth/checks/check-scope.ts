import { contextScope, intersectScopes, parseScopes, type ScopeSet } from '../../access/scopes.ts';
import { refuse } from '../refusal.ts';
import { specialScopes } from '../special-scopes.ts';
import { type Check, settled } from './exchange.ts';

/**
 * What is granted is what was asked for, within the client's ceiling and the levels the endpoint can give:
 * system/ for machines (SC-141), patient/ and user/ for a person's app. Nothing left is `invalid_scope`; an app that only asks who is there
 * needs no resource.
 */
export const checkScope: Check = (exchange, room) => {
  const text = exchange.parameters.one('scope');
  if (text === undefined) return refuse('invalid_scope', 'scope is required.', 'scope missing');
  const ceiling = parseScopes(settled(exchange.client, 'client').scopes, room.resourceTypes);
  const granted = intersectScopes(parseScopes(text, room.resourceTypes), ceiling);
  const hasLaunch = exchange.parameters.one('launch') !== undefined;
  const { firstParty } = settled(exchange.client, 'client');
  const scopes =
    exchange.endpoint === 'backend'
      ? forMachine(granted)
      : forPerson(granted, hasLaunch || firstParty, room.resourceTypes);
  if (scopes.resource.length === 0 && !scopes.special.includes('openid'))
    return refuse('invalid_scope', 'None of the scopes can be granted.', 'scope empty');
  exchange.scopes = scopes;
  return undefined;
};

function forMachine(scopes: ScopeSet): ScopeSet {
  return { resource: scopes.resource.filter((scope) => scope.level === 'system'), special: [] };
}

/**
 * SC-100: online access is for a launch from a record system and for our own pages, whose sign-in it ends with; of the two, offline access is the
 * one that is granted and said.
 */
function forPerson(scopes: ScopeSet, mayStayOnline: boolean, types: ReadonlySet<string>): ScopeSet {
  const isKnown = (name: string) => specialScopes.includes(name) || contextScope(name, types) !== undefined;
  const online = mayStayOnline && !scopes.special.includes('offline_access');
  return {
    resource: scopes.resource.filter((scope) => scope.level !== 'system'),
    special: scopes.special.filter((name) => isKnown(name) && (name !== 'online_access' || online)),
  };
}
