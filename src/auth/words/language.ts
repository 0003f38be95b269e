import type { Request, RequestHandler, Response } from 'express';
import { limits } from '../../base/limits.ts';
import type { OwnCookies } from '../cookies.ts';
import { queryText, readParameters } from '../parameters.ts';
import { en, type Words } from './en.ts';
import { es } from './es.ts';

export const languages = ['en', 'es'] as const;
export type Language = (typeof languages)[number];

const tables: Readonly<Record<Language, Words>> = { en, es };

/** What each language calls itself. */
export const languageNames: Readonly<Record<Language, string>> = { en: 'English', es: 'Español' };

/** Of the languages that `ui_locales` names, the first that has words here (OpenID Connect Core, 3.1.2.1: BCP 47 tags, best first). */
export function askedLanguage(uiLocales: string | undefined): Language | undefined {
  const tags = (uiLocales ?? '').toLowerCase().split(' ');
  return tags.map((tag) => languages.find((one) => tag.split('-')[0] === one)).find((one) => one !== undefined);
}

/** Decides the language of whatever page this request is answered with. */
export function speakLanguage(cookies: OwnCookies): RequestHandler {
  return (request, response, next) => {
    const known = languages.find((one) => one === cookies.read(request, 'language'));
    response.locals.language = known ?? preferredBy(request);
    const asked =
      request.method === 'GET' ? readParameters(queryText(request.originalUrl)).one('ui_locales') : undefined;
    hearLanguage(response, cookies, asked);
    next();
  };
}

/**
 * Speaks from now on as `ui_locales` asks, also on the pages that follow. Kept in the browser for as long as a sign-in lasts: it says nothing
 * of a person, and signing out forgets it.
 */
export function hearLanguage(response: Response, cookies: OwnCookies, uiLocales: string | undefined): void {
  const asked = askedLanguage(uiLocales);
  if (asked === undefined) return;
  response.locals.language = asked;
  cookies.set(response, 'language', asked, limits.auth.sessionSeconds);
}

function preferredBy(request: Request): Language {
  const best = request.acceptsLanguages(...languages);
  return languages.find((one) => one === best) ?? 'en';
}

export function languageOf(response: Response): Language {
  return languages.find((one) => one === response.locals.language) ?? 'en';
}

export function wordsOf(response: Response): Words {
  return tables[languageOf(response)];
}
