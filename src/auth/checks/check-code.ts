import { refuse, refuseCode } from '../refusal.ts';
import { type Check, settled } from './exchange.ts';

/**
 * SC-037: a code is good once, for a minute, for the client it was made for. A second use means that someone else has it too: it is
 * refused and everything the first use gave is revoked.
 */
export const checkCode: Check = async (exchange, room) => {
  const code = exchange.parameters.one('code');
  if (code === undefined) return refuse('invalid_request', 'code is required.', 'code missing');
  const grant = await room.codes.redeem(code, settled(exchange.client, 'client').id);
  if (!grant) return refuseCode('code unknown, used, expired or foreign');
  exchange.grant = grant;
  return undefined;
};
