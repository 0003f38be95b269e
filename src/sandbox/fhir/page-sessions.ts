import type { Clock } from '../../base/clock.ts';
import { newId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';

const maxSessions = 500;

/** The rest of a search, kept so that later pages neither shift nor repeat. */
export interface PageSession {
  type: string;
  ids: string[];
  count: number;
  total: number;
  selfQuery: string;
  includes: URLSearchParams;
  clientId: string;
  expiresAt: number;
}

export interface PageSessions {
  open(session: Omit<PageSession, 'expiresAt'>): string;
  find(token: string, clientId: string): PageSession | undefined;
}

/** Page links are sessions that expire, as with real vendors; the oldest goes when there are too many. */
export function createPageSessions(clock: Clock): PageSessions {
  const sessions = new Map<string, PageSession>();
  return {
    open(session) {
      const oldest = sessions.keys().next();
      if (sessions.size >= maxSessions && !oldest.done) sessions.delete(oldest.value);
      const token = newId();
      sessions.set(token, { ...session, expiresAt: clock.now().getTime() + limits.paging.linkLifeSeconds * 1000 });
      return token;
    },
    find(token, clientId) {
      const session = sessions.get(token);
      return session && session.clientId === clientId && session.expiresAt > clock.now().getTime()
        ? session
        : undefined;
    },
  };
}
