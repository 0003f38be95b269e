import { refuse } from '../refusal.ts';
import { type Check, settled } from './exchange.ts';

/** SC-140: a machine gets a token of its own for a signed assertion only; a shared secret is not enough for that. */
export const checkBackendClient: Check = (exchange) =>
  settled(exchange.client, 'client').type === 'asymmetric'
    ? undefined
    : refuse('unauthorized_client', 'client_credentials needs a client that authenticates with private_key_jwt.');
