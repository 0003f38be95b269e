import { refuse } from '../refusal.ts';
import { type Check, settled } from './exchange.ts';

/**
 * SC-051, SC-052, SC-054: a launch is good within its life, for the client it was made for; `launch` the scope and `launch` the parameter go
 * together. It is used up only when a code is given for it, so a request that is wrong in something else does not cost it.
 */
export const checkLaunch: Check = async (exchange, room) => {
  const id = exchange.parameters.one('launch');
  const asked = settled(exchange.scopes, 'scopes').special.includes('launch');
  if (asked !== (id !== undefined)) {
    return refuse('invalid_request', 'The scope launch and the parameter launch go together.', 'launch scope');
  }
  if (id === undefined) return undefined;
  const found = await room.launches.find(id);
  if (!found || found.clientId !== settled(exchange.client, 'client').id) {
    return refuse('invalid_request', 'The launch is not known or no longer valid.', 'launch unknown or foreign');
  }
  exchange.launch = found;
  return undefined;
};
