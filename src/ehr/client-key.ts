import type { Jwk } from '../base/jwt.ts';
import { generateKeys } from '../base/keys.ts';
import { serverSecret } from '../store/settings.ts';
import type { Sql } from '../store/types.ts';

/** The private key that proves to every EHR who we are: made once, its public half published in our JWKS. */
export async function clientKey(sql: Sql): Promise<Jwk> {
  const bytes = await serverSecret(sql, 'client-key', async () => {
    const pair = await generateKeys('ES384');
    return Buffer.from(JSON.stringify(pair.privateJwk));
  });
  return JSON.parse(bytes.toString('utf8'));
}
