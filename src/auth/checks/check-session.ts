import { refuse } from '../refusal.ts';
import type { AuthRoom } from '../room.ts';
import type { Session } from '../types.ts';
import type { Check, Exchange } from './exchange.ts';

/**
 * Who is signed in: with an account here, or through a hospital's launch. Nobody is no refusal: they can sign in. SC-051: a launch that was
 * made in a session is good in that session only; one that was made for a person, for that person only.
 */
export const checkSession: Check = async (exchange, room) => {
  const sessions = await sessionsOf(exchange, room);
  const { launch } = exchange;
  const fits = (session: Session) => {
    if (!launch) return true;
    if (launch.sessionHash) return launch.sessionHash.equals(session.hash);
    return launch.fhirUser !== undefined && session.fhirUsers.includes(launch.fhirUser);
  };
  const session = sessions.find(fits);
  if (session) exchange.session = session;
  const another = launch !== undefined && !session && (sessions.length > 0 || launch.sessionHash !== undefined);
  return another
    ? refuse('access_denied', 'The launch belongs to another sign-in.', 'launch of another session')
    : undefined;
};

async function sessionsOf(exchange: Exchange, room: AuthRoom): Promise<Session[]> {
  const found = await Promise.all([
    room.sessions.find(exchange.accountCookie),
    room.sessions.find(exchange.sessionCookie),
  ]);
  return found.filter((session) => session !== undefined);
}
