import type { Request, Response } from 'express';
import { limits } from '../../base/limits.ts';
import { pageUrl } from '../consent/visit.ts';
import { readCookie, sessionCookie } from '../cookies.ts';
import type { Parameters } from '../parameters.ts';
import type { AuthRoom } from '../room.ts';
import { tell } from '../tell.ts';
import type { Session } from '../types.ts';

/** The transaction a page is on the way to, as it names it: only its shape is trusted. */
export function wayBack(parameters: Parameters): string | undefined {
  const id = parameters.one('t');
  return id !== undefined && /^[\w-]{43}$/.test(id) ? id : undefined;
}

/** Where a person goes who has signed in: back to the app's request, or to their own page. */
export function afterSignIn(room: AuthRoom, transactionId: string | undefined): string {
  return transactionId === undefined ? pageUrl(room, 'account') : pageUrl(room, 'continue', transactionId);
}

export function goTo(response: Response, url: string): void {
  response.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
  response.status(303).set('Location', url).end();
}

/**
 * Makes a new session for the browser; the one before ends, so that nobody can have planted it. False, and the person has been told, when the
 * audit trail cannot hold it. `by`: what the person has shown.
 */
export async function startSession(
  request: Request,
  response: Response,
  { accountId, by, room }: { accountId: string; by: string; room: AuthRoom },
): Promise<boolean> {
  const account = await room.accounts.find(accountId);
  const entry = { act: 'login', outcome: 'success', who: whoOf(account?.fhirUsers ?? []), detail: by } as const;
  if (!(await tell(entry, request, response, room, 'person'))) return false;
  await room.credentials.settle(accountId);
  const { cookie } = await room.sessions.startFor(accountId, room.cookies.read(request, 'account'));
  room.cookies.set(response, 'account', cookie, limits.auth.sessionSeconds);
  room.cookies.clear(response, 'step');
  return true;
}

/** A wrong name, password or code, for the audit trail: where it came from, and nothing of what was typed. */
export function tellRefused(request: Request, response: Response, room: AuthRoom, by: string): Promise<boolean> {
  return tell({ act: 'login', outcome: 'refused', who: {}, detail: by }, request, response, room, 'person');
}

/** As whom the audit trail knows somebody with several roles: as staff first. */
export function whoOf(fhirUsers: readonly string[]): { person?: string } {
  const person = fhirUsers.find((link) => link.startsWith('Practitioner/')) ?? fhirUsers[0];
  return person === undefined ? {} : { person };
}

/** Who is signed in in this browser, with the cookie that says so. */
export async function signedIn(
  request: Request,
  room: AuthRoom,
): Promise<{ session: Session; cookie: string } | undefined> {
  for (const cookie of [room.cookies.read(request, 'account'), readCookie(request, sessionCookie)]) {
    const session = await room.sessions.find(cookie);
    if (session && cookie !== undefined) return { session, cookie };
  }
  return undefined;
}
