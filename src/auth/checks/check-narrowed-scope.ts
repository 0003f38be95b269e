import { formatScope, intersectScopes, parseScopes, type ScopeSet } from '../../access/scopes.ts';
import { refuse, refuseRefresh } from '../refusal.ts';
import { type Check, settled } from './exchange.ts';

/**
 * SC-101, SC-104: a refresh may ask for less than was granted, for this one access token; never for more. What the client may hold at
 * most is read anew.
 */
export const checkNarrowedScope: Check = (exchange, room) => {
  const client = settled(exchange.client, 'client');
  const { grant } = settled(exchange.refresh, 'refresh');
  const left = intersectScopes(grant.scopes, parseScopes(client.scopes, room.resourceTypes));
  if (left.resource.length + left.special.length === 0) return refuseRefresh('nothing of the grant is left');
  const text = exchange.parameters.one('scope');
  if (text === undefined) {
    exchange.scopes = left;
    return undefined;
  }
  const asked = parseScopes(text, room.resourceTypes);
  if (asked.unknown.length > 0 || !isWithin(asked, left))
    return refuse('invalid_scope', 'A refresh cannot ask for more than was granted.', 'scope widened');
  exchange.scopes = { resource: asked.resource, special: asked.special };
  return undefined;
};

/** Each scope that is asked for lies within what is left as a whole: nothing of it is lost in the intersection. */
function isWithin(asked: ScopeSet, left: ScopeSet): boolean {
  return (
    asked.special.every((name) => left.special.includes(name)) &&
    asked.resource.every((scope) => {
      const overlap = intersectScopes({ resource: [scope], special: [] }, left).resource;
      return overlap.some((one) => formatScope(one) === formatScope(scope));
    })
  );
}
