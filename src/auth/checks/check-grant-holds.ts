import { refuseRefresh } from '../refusal.ts';
import { type Check, settled } from './exchange.ts';

/**
 * SC-104: what was granted is judged again by today's facts. A parent whose right has ended, a child who has come of age, a court's word:
 * the grant ends, and with it every token that came of it.
 */
export const checkGrantHolds: Check = async (exchange, room) => {
  const { grant } = settled(exchange.refresh, 'refresh');
  if (await room.stillHolds(grant)) return undefined;
  await room.grants.revoke({ id: grant.grantId });
  return refuseRefresh('grant no longer holds');
};
