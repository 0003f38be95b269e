import type { Request } from 'express';
import { peekJwt } from '../base/jwt.ts';
import { readParameters } from './parameters.ts';

/** The client that a form request says it is from, by any of the three ways of saying it: client_id, Basic, an assertion. Not verified. */
export function namedClient(request: Request): string | undefined {
  const basic = /^Basic ([\w+/]+=*)$/i.exec(request.get('authorization') ?? '')?.[1];
  if (basic !== undefined) return decoded(Buffer.from(basic, 'base64').toString('utf8').split(':', 1)[0]);
  if (typeof request.body !== 'string') return undefined;
  const parameters = readParameters(request.body);
  const issuer = peekJwt(parameters.one('client_assertion') ?? '')?.claims.iss;
  return parameters.one('client_id') ?? (typeof issuer === 'string' ? issuer : undefined);
}

/** RFC 6749, 2.3.1: the id is form-encoded before it is put into Basic. */
function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
