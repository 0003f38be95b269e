import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { importPrivateKey, parseJwk, signJwt } from '../../src/base/jwt.ts';

/** An access token by SMART Backend Services, with the client that `careweave client add` printed. `at`: the time it is for the server. */
export async function backendToken(url: string, printed: string, scope: string, at = new Date()): Promise<string> {
  const client: { client_id: string; private_key: string } = JSON.parse(printed);
  const jwk = parseJwk(JSON.parse(readFileSync(client.private_key, 'utf8')));
  const key = jwk && importPrivateKey(jwk);
  if (!key?.ok || !jwk) throw new Error('the private key could not be read');
  const now = Math.floor(at.getTime() / 1000);
  const claims = {
    iss: client.client_id,
    sub: client.client_id,
    aud: `${url}/auth/token`,
    iat: now,
    exp: now + 240,
    jti: randomUUID(),
  };
  const assertion = signJwt(claims, { key: key.value, algorithm: 'ES384', kid: String(jwk.kid) });
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    scope,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  });
  const answer = await fetch(`${url}/auth/token`, { method: 'POST', body });
  const token: { access_token?: string } = await answer.json();
  if (!answer.ok || !token.access_token) throw new Error(`no token: ${answer.status}`);
  return token.access_token;
}
