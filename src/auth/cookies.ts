import type { Request, Response } from 'express';

export const sessionCookie = 'careweave_session';

/** The cookie with this name; undefined when absent or sent twice (one of the two would be someone else's). */
export function readCookie(request: Request, name: string): string | undefined {
  const values = (request.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 && values[0] !== '' ? values[0] : undefined;
}

/**
 * Sets a cookie no script can read. Over https it has to work inside a record system's frame, so it is cross-site but partitioned:
 * one jar per embedding site. Over http (this machine only) it stays same-site.
 */
export function setCookie(
  response: Response,
  cookie: { name: string; value: string; path: string; seconds: number; secure: boolean },
): void {
  const site = cookie.secure ? 'SameSite=None; Secure; Partitioned' : 'SameSite=Lax';
  response.append(
    'Set-Cookie',
    `${cookie.name}=${cookie.value}; Path=${cookie.path}; Max-Age=${cookie.seconds}; HttpOnly; ${site}`,
  );
}
