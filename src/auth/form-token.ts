import { equalSecrets, hashSecret } from './secrets.ts';

/**
 * A token for the forms of one purpose in one browser (SC-041, TH-12). Derived from a cookie that only this browser has and no script can
 * read, so that nothing needs to be kept; a page of somebody else's cannot make it.
 */
export function formToken(purpose: string, cookie: string): string {
  return hashSecret(`form.${purpose}.${cookie}`).toString('base64url');
}

export function isFormToken(token: string | undefined, purpose: string, cookie: string | undefined): boolean {
  return token !== undefined && cookie !== undefined && equalSecrets(token, formToken(purpose, cookie));
}
