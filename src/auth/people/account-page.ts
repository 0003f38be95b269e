import type { Request, RequestHandler, Response } from 'express';
import { limits } from '../../base/limits.ts';
import { pageParameters, pageUrl } from '../consent/visit.ts';
import { formToken, isFormToken } from '../form-token.ts';
import { type Html, html } from '../html.ts';
import { sendHtml, sendPage } from '../page.ts';
import type { Parameters } from '../parameters.ts';
import type { AuthRoom } from '../room.ts';
import { tell } from '../tell.ts';
import type { Words } from '../words/en.ts';
import { wordsOf } from '../words/language.ts';
import { say, sayText } from '../words/say.ts';
import { type Account, needsSecondFactor } from './accounts.ts';
import { authenticate } from './authenticate.ts';
import { newPasswordFields } from './enrol.ts';
import { passwordProblem } from './password-rules.ts';
import { startReplacing } from './set-up.ts';
import { goTo, signedIn, startSession, whoOf } from './signed-in.ts';

interface Own {
  account: Account;
  cookie: string;
}

async function ownAccount(request: Request, response: Response, room: AuthRoom): Promise<Own | undefined> {
  const found = await signedIn(request, room);
  const account =
    found?.session.accountId === undefined ? undefined : await room.accounts.find(found.session.accountId);
  if (found && account) return { account, cookie: found.cookie };
  goTo(response, pageUrl(room, 'sign-in'));
  return undefined;
}

/** GET /auth/account: what a person can do about their own account. */
export function accountPage(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    const own = await ownAccount(request, response, room);
    const changed = pageParameters(request).one('changed') === 'yes';
    if (own) show(response, own, { status: 200, ...(changed && { notice: wordsOf(response).account.changed }) });
  };
}

/** POST /auth/account: another password, or a second factor. Both ask for the password again: the person may have left the screen open. */
export function accountEndpoint(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    const form = pageParameters(request);
    const own = await ownAccount(request, response, room);
    if (!own) return;
    if (!isFormToken(form.one('token'), 'account', own.cookie))
      return show(response, own, { status: 400, problem: wordsOf(response).page.openTooLong });
    const problem = await confirm(request, form, { own, room, words: wordsOf(response) });
    if (problem !== undefined) return show(response, own, { status: 401, problem });
    if (form.one('do') === 'password') return changePassword(request, response, { form, own, room });
    await startReplacing(response, own.account.id, room);
    goTo(response, pageUrl(room, 'set-up'));
  };
}

/** The password, and a code where there is a second factor; otherwise what the person is told. */
async function confirm(
  request: Request,
  form: Parameters,
  { own, room, words }: { own: Own; room: AuthRoom; words: Words },
): Promise<string | undefined> {
  const { account } = own;
  const password = (form.one('current') ?? '').slice(0, limits.people.passwordBytes);
  const answer = await authenticate({ username: account.username, password, address: request.ip }, room);
  if (!answer.ok) return words.page.busy;
  if (answer.value === 'refused' || 'wait' in answer.value) return words.page.refused;
  if (!account.hasSecondFactor) return undefined;
  const counted = await room.credentials.tryAccount(account.id);
  const right = counted && (await room.credentials.acceptCode(account.id, form.one('code') ?? ''));
  return right ? undefined : words.page.refused;
}

async function changePassword(
  request: Request,
  response: Response,
  { form, own, room }: { form: Parameters; own: Own; room: AuthRoom },
): Promise<void> {
  const password = form.one('password') ?? '';
  const words = wordsOf(response);
  const problem = password === form.one('again') ? passwordProblem(password, own.account.username) : 'different';
  if (problem !== undefined) {
    const text = sayText(words.password[problem], { count: limits.people.passwordLength });
    return show(response, own, { status: 400, problem: text });
  }
  const hash = await room.passwords.hash(password);
  if (!hash.ok) return show(response, own, { status: 503, problem: words.page.busy });
  await room.credentials.setPassword(own.account.id, hash.value);
  // Whoever else was signed in with the old one is not any more.
  await room.sessions.endAll(own.account.id);
  if (await startSession(request, response, { accountId: own.account.id, by: 'changed-password', room }))
    goTo(response, pageUrl(room, 'account?changed=yes'));
}

/** POST /auth/sign-out. */
export function signOutEndpoint(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    const found = await signedIn(request, room);
    if (found && isFormToken(pageParameters(request).one('token'), 'sign-out', found.cookie)) {
      const entry = { act: 'logout', outcome: 'success', who: whoOf(found.session.fhirUsers) } as const;
      if (!(await tell(entry, request, response, room, 'person'))) return;
      await room.sessions.end(found.cookie);
      room.cookies.clear(response, 'account');
      room.cookies.clear(response, 'language');
      const { signedOutTitle: title, signedOut: text } = wordsOf(response).account;
      return sendPage(response, { status: 200, title, text });
    }
    goTo(response, pageUrl(room, 'account'));
  };
}

export function signOutForm(cookie: string, { page }: Words): Html {
  return html`<form method="post" action="sign-out"><input type="hidden" name="token" value="${formToken('sign-out', cookie)}"><button class="second">${page.signOut}</button></form>`;
}

interface Shown {
  status: number;
  problem?: string;
  notice?: string;
}

function show(response: Response, { account, cookie }: Own, { status, problem, notice }: Shown): void {
  const words = wordsOf(response);
  const own = words.account;
  const token = html`<input type="hidden" name="token" value="${formToken('account', cookie)}"><input type="text" name="username" value="${account.username}" autocomplete="username" readonly hidden>`;
  const confirmFields = (
    id: string,
  ) => html`<label for="${id}-current">${own.current}</label><input id="${id}-current" name="current" type="password" autocomplete="current-password" required>
${account.hasSecondFactor && html`<label for="${id}-code">${own.code}</label><input id="${id}-code" name="code" autocomplete="one-time-code" required>`}`;
  const second = account.hasSecondFactor
    ? own.hasSecond
    : needsSecondFactor(account)
      ? own.passwordAlone
      : own.recommended;
  const body = html`${problem !== undefined && html`<p class="problem" role="alert">${problem}</p>`}${notice !== undefined && html`<p class="notice" role="status">${notice}</p>`}
<p>${say(own.who, { name: html`<strong>${account.username}</strong>` })}</p><p><a href="manage">${words.manage.title}</a></p>${signOutForm(cookie, words)}
<h2>${own.second}</h2><p>${second}</p><form method="post" action="account">${token}${confirmFields('second')}
<button class="second" name="do" value="second-factor">${account.hasSecondFactor ? own.setUpAnother : own.setUp}</button></form>
<h2>${own.password}</h2><form method="post" action="account">${token}${confirmFields('change')}${newPasswordFields(words)}
<button class="second" name="do" value="password">${own.change}</button></form>`;
  sendHtml(response, { status, title: own.title, body, stay: 'account' });
}
