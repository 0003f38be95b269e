import { refuseClient } from '../refusal.ts';
import type { Check } from './exchange.ts';

/** SC-121: introspection also takes an access token of a client that has the right to introspect. */
export const checkBearerClient: Check = async (exchange, room) => {
  if (!/^Bearer /i.test(exchange.authorization ?? '')) return undefined;
  const principal = await room.tokens.verifyBearer(exchange.authorization);
  const client = principal.ok ? await room.clients.find(principal.value.clientId) : undefined;
  if (!client?.active || !client.introspects) return refuseClient('bearer');
  exchange.client = client;
  return undefined;
};
