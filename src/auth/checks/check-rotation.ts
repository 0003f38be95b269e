import { refuseRefresh } from '../refusal.ts';
import { type Check, settled } from './exchange.ts';

/** SC-102: last row of its column: the token is spent only by a request that is right in everything else. Of two at once, one wins. */
export const checkRotation: Check = async (exchange, room) => {
  exchange.nextRefresh = await room.refreshTokens.rotate(settled(exchange.refresh, 'refresh'));
  return exchange.nextRefresh === undefined ? refuseRefresh('refresh token spent by another request') : undefined;
};
