import type { RequestHandler } from 'express';
import { settled } from './checks/exchange.ts';
import { runChecks } from './checks/index.ts';
import type { AuthRoom } from './room.ts';
import { exchangeOf, neverStored, readTokenRequest, sendRefusal } from './token-request.ts';

/**
 * POST /auth/revoke (RFC 7009; SC-110). A person's token ends its whole grant, whether it is the refresh token or an access token; a
 * machine's ends alone. A token that is unknown or another client's is answered like any other, and nothing happens to it.
 */
export function revocationEndpoint(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    neverStored(response);
    const read = readTokenRequest(request);
    if ('error' in read) return sendRefusal(request, response, read, room);
    const exchange = exchangeOf(request, 'revoke', read.parameters);
    const refusal = await runChecks(exchange, room);
    if (refusal) return sendRefusal(request, response, refusal, room);
    const token = settled(read.parameters.one('token'), 'token');
    await revoke(token, settled(exchange.client, 'client').id, room);
    response.status(200).end();
  };
}

async function revoke(token: string, clientId: string, room: AuthRoom): Promise<void> {
  const refresh = await room.refreshTokens.look(token);
  if (refresh?.grant.clientId === clientId) await room.grants.revoke({ id: refresh.grant.grantId });
  const access = refresh ? undefined : await room.tokens.inspect(token);
  if (access?.principal.clientId !== clientId) return;
  if (access.grantId !== undefined) await room.grants.revoke({ id: access.grantId });
  else await room.revokedTokens.add(access.tokenId, new Date(Number(access.claims.exp) * 1000));
}
