import { refuse } from '../refusal.ts';
import { type Check, settled } from './exchange.ts';

/** Our own apps need no consent screen. There is none yet, so nobody else's app can be granted anything. */
export const checkConsent: Check = (exchange) =>
  settled(exchange.client, 'client').firstParty
    ? undefined
    : refuse('access_denied', 'This app needs a consent that cannot be given here yet.', 'no consent');
