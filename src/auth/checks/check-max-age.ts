import { refuse } from '../refusal.ts';
import type { Check } from './exchange.ts';

/** SC-038: max_age is a number of seconds; prompt, login_hint and id_token_hint are borne, whatever they say (OpenID Connect Core, 3.1.2.1). */
export const checkMaxAge: Check = (exchange) => {
  const maxAge = exchange.parameters.one('max_age');
  return maxAge === undefined || /^\d{1,9}$/.test(maxAge)
    ? undefined
    : refuse('invalid_request', 'max_age must be a number of seconds.', 'max_age');
};
