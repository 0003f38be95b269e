import { refuse } from '../refusal.ts';
import type { Check } from './exchange.ts';

/** RFC 7009 and RFC 7662, section 2.1: the token that the request is about. A hint of its kind is not needed and not looked at. */
export const checkTokenParameter: Check = (exchange) =>
  exchange.parameters.one('token') === undefined
    ? refuse('invalid_request', 'token is required.', 'token missing')
    : undefined;
