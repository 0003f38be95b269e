import { refuse } from '../refusal.ts';
import type { Check } from './exchange.ts';

/** SC-080, RFC 6749 section 2.3: one way to authenticate in a request, so that no two readers of it see different clients. */
export const checkClientMethods: Check = ({ authorization, parameters }) => {
  const assertion = parameters.one('client_assertion') ?? parameters.one('client_assertion_type');
  const used = [authorization, parameters.one('client_secret'), assertion].filter((part) => part !== undefined);
  return used.length > 1
    ? refuse('invalid_request', 'Use one way to authenticate the client.', 'mixed authentication')
    : undefined;
};
