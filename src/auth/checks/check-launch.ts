import { refuse } from '../refusal.ts';
import { type Check, settled } from './exchange.ts';

/**
 * SC-051 to SC-054: a launch is redeemed once, within its life, by the client and in the session it was made for. `launch` the
 * scope and `launch` the parameter go together. A patient/ scope without a patient in context is refused. Last row of the table: the
 * launch is used up only by a request that is right in everything else.
 */
export const checkLaunch: Check = async (exchange, room) => {
  const { resource, special } = settled(exchange.scopes, 'scopes');
  const id = exchange.parameters.one('launch');
  const asked = special.includes('launch');
  if (asked !== (id !== undefined)) {
    return refuse('invalid_request', 'The scope launch and the parameter launch go together.', 'launch scope');
  }
  if (id === undefined) {
    const needsPatient = resource.some((scope) => scope.level === 'patient');
    return needsPatient
      ? refuse('invalid_scope', 'A patient/ scope needs a launch with a patient.', 'no patient')
      : undefined;
  }
  const found = await room.launches.find(id);
  if (!found || found.clientId !== settled(exchange.client, 'client').id) {
    return refuse('invalid_request', 'The launch is not known or no longer valid.', 'launch unknown or foreign');
  }
  if (!found.sessionHash.equals(settled(exchange.session, 'session').hash)) {
    return refuse('access_denied', 'The launch belongs to another sign-in.', 'launch of another session');
  }
  // Two requests at once: the database lets one of them have it.
  if (!(await room.launches.use(found))) {
    return refuse('invalid_request', 'The launch is not known or no longer valid.', 'launch used');
  }
  exchange.launch = found;
  return undefined;
};
