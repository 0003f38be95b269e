import { refuseClient } from '../refusal.ts';
import type { Check } from './exchange.ts';

/** One of the ways to authenticate must have said who the client is. */
export const checkAuthenticated: Check = (exchange) =>
  exchange.client ? undefined : refuseClient('not authenticated');
