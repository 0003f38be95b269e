import type { Request } from 'express';
import { peekJwt } from '../base/jwt.ts';
import { readBasic } from './basic-credentials.ts';
import { readParameters } from './parameters.ts';

/** The client that a form request says it is from, by any of the three ways of saying it: client_id, Basic, an assertion. Not verified. */
export function namedClient(request: Request): string | undefined {
  const { authorization } = request.headers;
  if (authorization !== undefined) return readBasic(authorization)?.id;
  if (typeof request.body !== 'string') return undefined;
  const parameters = readParameters(request.body);
  const issuer = peekJwt(parameters.one('client_assertion') ?? '')?.claims.iss;
  return parameters.one('client_id') ?? (typeof issuer === 'string' ? issuer : undefined);
}
