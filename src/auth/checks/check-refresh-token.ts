import { refuse, refuseRefresh } from '../refusal.ts';
import { type Check, settled } from './exchange.ts';

/** SC-102, SC-103: the refresh token is live and this client's; one that was spent before ends its whole family. */
export const checkRefreshToken: Check = async (exchange, room) => {
  const token = exchange.parameters.one('refresh_token');
  if (token === undefined) return refuse('invalid_request', 'refresh_token is required.', 'refresh_token missing');
  exchange.refresh = await room.refreshTokens.find(token, settled(exchange.client, 'client').id);
  return exchange.refresh ? undefined : refuseRefresh('refresh token unknown, spent, expired, revoked or foreign');
};
