import { refuse } from '../refusal.ts';
import type { Check } from './exchange.ts';

/** SC-033: `code` exactly; never a token in a URL. */
export const checkResponseType: Check = (exchange) => {
  const type = exchange.parameters.one('response_type');
  if (type === undefined) return refuse('invalid_request', 'response_type is required.', 'response_type');
  return type === 'code' ? undefined : refuse('unsupported_response_type', 'Only response_type=code is supported.');
};
