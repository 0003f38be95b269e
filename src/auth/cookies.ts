import type { Request, Response } from 'express';

/** Of a hospital's launch: has to work inside the record system's frame. */
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

/** A cookie of our own pages, which nobody frames. Over https no other host of the domain can set or read it (`__Host-`). */
export interface OwnCookies {
  read(request: Request, name: string): string | undefined;
  set(response: Response, name: string, value: string, seconds: number): void;
  clear(response: Response, name: string): void;
  /** Names of ours that begin so, as sent. */
  beginning(request: Request, start: string): string[];
}

export function createOwnCookies(publicUrl: string): OwnCookies {
  const secure = publicUrl.startsWith('https:');
  const named = (name: string) => `${secure ? '__Host-' : ''}careweave_${name}`;
  const set = (response: Response, name: string, value: string, seconds: number) => {
    const flags = `Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
    response.append('Set-Cookie', `${named(name)}=${value}; ${flags}`);
  };
  return {
    read: (request, name) => readCookie(request, named(name)),
    set,
    clear: (response, name) => set(response, name, '', 0),
    beginning(request, start) {
      const names = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('=', 1)[0] ?? '');
      const ours = names.filter((name) => name.startsWith(named(start)));
      return ours.map((name) => name.slice(named('').length));
    },
  };
}
