import { readBasic } from '../basic-credentials.ts';
import { refuseClient } from '../refusal.ts';
import type { Check, Exchange } from './exchange.ts';

/**
 * client_secret_basic and client_secret_post (SC-130, SC-139; RFC 6749, section 2.3.1). An unknown client, one that has no secrets and a
 * wrong secret are one answer, which takes the same time.
 */
export const checkClientSecret: Check = async (exchange, room) => {
  if (exchange.client) return undefined;
  const sent = credentialsOf(exchange);
  if (!sent) return exchange.authorization === undefined ? undefined : refuseClient('authorization header');
  const client = await room.clients.find(sent.id);
  const able = client?.active && client.type === 'symmetric' ? client : undefined;
  const named = exchange.parameters.one('client_id') ?? sent.id;
  const fits = await room.clientSecrets.fits(able?.id, sent.secret);
  if (!able || !fits || named !== sent.id) return refuseClient('client secret');
  exchange.client = able;
  return undefined;
};

function credentialsOf({ authorization, parameters }: Exchange): { id: string; secret: string } | undefined {
  if (authorization !== undefined) return readBasic(authorization);
  const secret = parameters.one('client_secret');
  return secret === undefined ? undefined : { id: parameters.one('client_id') ?? '', secret };
}
