import type { RequestHandler, Response } from 'express';
import { parseScopes } from '../../access/scopes.ts';
import { limits } from '../../base/limits.ts';
import { scopeWords } from '../consent/scope-words.ts';
import { pageParameters, pageUrl } from '../consent/visit.ts';
import { formToken, isFormToken } from '../form-token.ts';
import type { GrantSummary } from '../grants.ts';
import { type Html, html } from '../html.ts';
import { sendHtml } from '../page.ts';
import { signOutForm } from '../people/account-page.ts';
import { goTo, signedIn } from '../people/signed-in.ts';
import type { AuthRoom } from '../room.ts';
import { tell } from '../tell.ts';
import type { Session } from '../types.ts';
import type { Words } from '../words/en.ts';
import { type Language, languageOf, wordsOf } from '../words/language.ts';
import { appName, say, wordsFor } from '../words/say.ts';

/** GET /auth/manage (SC-111). */
export function managePage(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    const found = await signedIn(request, room);
    if (!found) return goTo(response, pageUrl(room, 'sign-in'));
    await show(response, { ...found, room });
  };
}

/** POST /auth/manage: ends one grant of the person's own, with every token of it, and forgets the consent. */
export function revokeEndpoint(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    const found = await signedIn(request, room);
    if (!found) return goTo(response, pageUrl(room, 'sign-in'));
    const form = pageParameters(request);
    const id = form.one('grant');
    const ours = isFormToken(form.one('token'), 'manage', found.cookie);
    const grant = ours ? (await ownGrants(found.session, room)).find((one) => one.id === id) : undefined;
    if (grant) {
      const { fhirUser, clientId, patientId } = grant;
      const who = { person: fhirUser, client: clientId };
      const patients = patientId === undefined ? [] : [patientId];
      if (!(await tell({ act: 'revoke', outcome: 'success', who, patients }, request, response, room, 'person')))
        return;
      await room.consents.forget({ fhirUser, clientId, ...(patientId !== undefined && { patientId }) });
      await room.grants.revoke({ id: grant.id });
    }
    await show(response, { ...found, room, ...(grant && { ended: grant }) });
  };
}

async function ownGrants({ fhirUsers }: Session, room: AuthRoom): Promise<GrantSummary[]> {
  const found = await Promise.all(fhirUsers.map((fhirUser) => room.grants.list({ fhirUser })));
  return found
    .flat()
    .sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime())
    .slice(0, limits.people.grantsShown);
}

async function show(
  response: Response,
  shown: { session: Session; cookie: string; room: AuthRoom; ended?: GrantSummary },
): Promise<void> {
  const { session, cookie, room, ended } = shown;
  const words = wordsOf(response);
  const speech = { words, language: languageOf(response) };
  const grants = await ownGrants(session, room);
  const entries = await Promise.all(grants.map((grant) => entryOf(grant, cookie, room, speech)));
  const body = html`${ended !== undefined && html`<p class="notice" role="status">${say(words.manage.ended, { app: appOf(ended, words) })}</p>`}
<p>${words.manage.intro}</p>
${entries.length === 0 ? html`<p>${words.manage.none}</p>` : html`<ul class="plain">${entries}</ul>`}
${session.accountId !== undefined && html`<p><a href="account">${words.account.title}</a></p>`}${signOutForm(cookie, words)}`;
  sendHtml(response, { status: 200, title: words.manage.title, body, stay: 'manage' });
}

/** When access ends that nobody ends. */
function endOf({ refresh, expiresAt }: GrantSummary, { manage }: Words, day: (date: Date) => Html): Html {
  if (refresh !== undefined) return html`${manage[refresh]}`;
  return say(manage.byItself, { when: day(expiresAt) });
}

function appOf({ clientId, clientName }: GrantSummary, words: Words): string {
  return appName({ id: clientId, name: clientName }, words);
}

interface Speech {
  words: Words;
  language: Language;
}

async function entryOf(
  grant: GrantSummary,
  cookie: string,
  room: AuthRoom,
  { words, language }: Speech,
): Promise<Html> {
  const { patientId, fhirUser, scopes } = grant;
  const { manage } = words;
  // The name only while the person may still see this child.
  const child = patientId === undefined ? undefined : await room.directory.patient(fhirUser, patientId);
  const about = patientId === undefined ? manage.anybody : (child?.name ?? manage.hidden);
  const { resource, special } = parseScopes(scopes, room.resourceTypes);
  const lines = [
    ...resource.map((scope) => scopeWords(scope, words)),
    ...special.flatMap((name) => wordsFor(words.special, name) ?? []),
  ];
  const day = (date: Date) => html`<time datetime="${date.toISOString()}">${momentText(date, language)}</time>`;
  const told = { who: html`<strong>${about}</strong>`, since: day(grant.createdAt), last: day(grant.lastUsedAt) };
  return html`<li class="entry"><h2 id="g-${grant.id}">${appOf(grant, words)}</h2><p>${say(manage.about, told)}
${endOf(grant, words, day)}</p>
<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>
<form method="post" action="manage"><input type="hidden" name="token" value="${formToken('manage', cookie)}">
<button class="second small" name="grant" value="${grant.id}" aria-describedby="g-${grant.id}">${manage.end}</button></form></li>`;
}

/** We do not know in which zone the reader is, so it is named. */
function momentText(date: Date, language: Language): string {
  const form = { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' } as const;
  return `${new Intl.DateTimeFormat(`${language}-US`, form).format(date)} UTC`;
}
