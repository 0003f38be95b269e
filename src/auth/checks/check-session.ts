import { refuse } from '../refusal.ts';
import type { Check } from './exchange.ts';

/** The person is the one whom a hospital's launch has signed in. There is no other way to sign in yet. */
export const checkSession: Check = async (exchange, room) => {
  const session = await room.sessions.find(exchange.sessionCookie);
  if (!session)
    return refuse('access_denied', 'Nobody is signed in. Launch again from the record system.', 'no session');
  exchange.session = session;
  return undefined;
};
