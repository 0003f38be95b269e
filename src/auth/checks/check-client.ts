import { refuse } from '../refusal.ts';
import type { Check } from './exchange.ts';

/** SC-031: an unknown or inactive client gets an error page: there is nowhere to be trusted to send the browser. */
export const checkClient: Check = async (exchange, room) => {
  const id = exchange.parameters.one('client_id');
  const client = id === undefined ? undefined : await room.clients.find(id);
  if (!client?.active || client.redirectUris.length === 0) {
    return refuse('invalid_request', 'The app that asked is not registered here.', 'unknown client');
  }
  exchange.client = client;
  return undefined;
};
