import { refuse } from '../refusal.ts';
import type { Check } from './exchange.ts';

/** SC-039, RFC 6749 section 3.1: no parameter twice, so that no two readers of a request see different values. */
export const checkRepeatedParameters: Check = (exchange) =>
  exchange.parameters.repeated().length > 0
    ? refuse('invalid_request', 'A parameter was given more than once.', 'repeated parameter')
    : undefined;
