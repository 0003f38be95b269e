import { refuseClient } from '../refusal.ts';
import type { Check } from './exchange.ts';

/**
 * A client that has not authenticated must be a public one. SC-080: a client with keys or a secret that does not use them is refused even
 * when its code and verifier are right.
 */
export const checkPublicClient: Check = async (exchange, room) => {
  if (exchange.client) return undefined;
  const id = exchange.parameters.one('client_id');
  const client = id === undefined ? undefined : await room.clients.find(id);
  if (!client?.active || client.type !== 'public') return refuseClient('not a public client');
  exchange.client = client;
  return undefined;
};
