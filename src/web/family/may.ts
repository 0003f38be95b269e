import type { Session } from '../shared/smart-launch.ts';

/** Whether what was granted reaches so far, e.g. `may(session, 'Goal', 'u')`. Whether this one thing is allowed the server says. */
export function may({ scopes = [] }: Pick<Session, 'scopes'>, type: string, letter: 'c' | 'r' | 'u' | 's'): boolean {
  return scopes.some((scope) => {
    const [, of, letters = ''] = /^(?:patient|user)\/([A-Za-z]+|\*)\.([a-z]+)$/.exec(scope) ?? [];
    return (of === '*' || of === type) && letters.includes(letter);
  });
}
