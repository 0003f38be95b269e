import type { RequestHandler } from 'express';
import { settled } from './checks/exchange.ts';
import { runChecks } from './checks/index.ts';
import type { AuthRoom } from './room.ts';
import { tell } from './tell.ts';
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
    const clientId = settled(exchange.client, 'client').id;
    const found = await ownToken(settled(read.parameters.one('token'), 'token'), clientId, room);
    if (found) {
      const who = { client: clientId, ...(found.person !== undefined && { person: found.person }) };
      if (
        !(await tell({ act: 'revoke', outcome: 'success', status: 200, who, ...about(found) }, request, response, room))
      )
        return;
      await found.revoke();
    }
    response.status(200).end();
  };
}

interface OwnToken {
  person?: string | undefined;
  patient?: string | undefined;
  revoke(): Promise<unknown>;
}

function about({ patient }: OwnToken): { patients?: string[] } {
  return patient === undefined ? {} : { patients: [patient] };
}

async function ownToken(token: string, clientId: string, room: AuthRoom): Promise<OwnToken | undefined> {
  const refresh = await room.refreshTokens.look(token);
  if (refresh) {
    const { grantId, fhirUser, patientId } = refresh.grant;
    const revoke = () => room.grants.revoke({ id: grantId });
    return refresh.grant.clientId === clientId ? { person: fhirUser, patient: patientId, revoke } : undefined;
  }
  const access = await room.tokens.inspect(token);
  if (access?.principal.clientId !== clientId) return undefined;
  const { grantId, tokenId, claims, principal } = access;
  const revoke = () =>
    grantId === undefined
      ? room.revokedTokens.add(tokenId, new Date(Number(claims.exp) * 1000))
      : room.grants.revoke({ id: grantId });
  return { person: principal.fhirUser, patient: principal.patientId, revoke };
}
