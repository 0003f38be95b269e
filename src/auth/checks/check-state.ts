import { refuse } from '../refusal.ts';
import type { Check } from './exchange.ts';

/** SC-036: SMART makes state required; without it the app cannot tell its own answers from forged ones. */
export const checkState: Check = (exchange) =>
  exchange.parameters.one('state') === undefined ? refuse('invalid_request', 'state is required.', 'state') : undefined;
