import type { Request, RequestHandler, Response } from 'express';
import { limits } from '../../base/limits.ts';
import { pageParameters, pageUrl } from '../consent/visit.ts';
import { formToken, isFormToken } from '../form-token.ts';
import { html } from '../html.ts';
import { sendHtml, sendPage } from '../page.ts';
import type { AuthRoom } from '../room.ts';
import { newSecret } from '../secrets.ts';
import type { Words } from '../words/en.ts';
import { wordsOf } from '../words/language.ts';
import { say, sayText } from '../words/say.ts';
import { type Account, needsSecondFactor } from './accounts.ts';
import { activationProblem } from './activation.ts';
import { passwordProblem } from './password-rules.ts';
import { goTo, startSession } from './signed-in.ts';

/** GET /auth/enrol?token=…: the one-time link with which a person chooses a password. */
export function enrolPage(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    const token = pageParameters(request).one('token');
    const account = await invited(response, token, room);
    if (account && token !== undefined) show(request, response, { room, account, token, status: 200 });
  };
}

/** POST /auth/enrol: the password. The link is used up, and every session of the account ends. */
export function enrolEndpoint(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    const form = pageParameters(request);
    const token = form.one('link');
    const account = await invited(response, token, room);
    if (!account || token === undefined) return;
    const words = wordsOf(response);
    const again = (status: number, problem: string) =>
      show(request, response, { room, account, token, status, problem });
    if (!isFormToken(form.one('token'), 'enrol', room.cookies.read(request, 'visit')))
      return again(400, words.page.openTooLong);
    const password = form.one('password') ?? '';
    if (password !== form.one('again')) return again(400, words.password.different);
    const problem = passwordProblem(password, account.username);
    if (problem) return again(400, sayText(words.password[problem], { count: limits.people.passwordLength }));
    const hash = await room.passwords.hash(password);
    if (!hash.ok) return again(503, words.page.busy);
    if ((await room.enrolments.take(token)) !== account.id) return sendSpent(response);
    await room.credentials.setPassword(account.id, hash.value);
    await room.sessions.endAll(account.id);
    if (account.hasSecondFactor) return goTo(response, pageUrl(room, 'sign-in'));
    if (needsSecondFactor(account)) {
      room.cookies.set(response, 'step', await room.steps.start(account.id), limits.people.stepSeconds);
      return goTo(response, pageUrl(room, 'set-up'));
    }
    if (await startSession(request, response, { accountId: account.id, by: 'enrolment', room }))
      goTo(response, pageUrl(room, 'account'));
  };
}

/** The account of a link that is good; otherwise the person has been told. */
async function invited(response: Response, token: string | undefined, room: AuthRoom): Promise<Account | undefined> {
  const accountId = token === undefined ? undefined : await room.enrolments.accountOf(token);
  const account = accountId === undefined ? undefined : await room.accounts.find(accountId);
  if (!account) {
    sendSpent(response);
    return undefined;
  }
  const problem = await activationProblem(account, room);
  if (!problem) return account;
  const { notYetTitle: title, notYet: text } = wordsOf(response).enrol;
  sendPage(response, { status: 409, title, text });
  return undefined;
}

function sendSpent(response: Response): void {
  const { spentTitle: title, spent: text } = wordsOf(response).enrol;
  sendPage(response, { status: 400, title, text, stay: 'enrol' });
}

interface Shown {
  room: AuthRoom;
  account: Account;
  token: string;
  status: number;
  problem?: string;
}

function show(request: Request, response: Response, { room, account, token, status, problem }: Shown): void {
  const words = wordsOf(response);
  const visit = room.cookies.read(request, 'visit') ?? newSecret();
  room.cookies.set(response, 'visit', visit, limits.people.stepSeconds * 6);
  const body = html`${problem !== undefined && html`<p class="problem" role="alert">${problem}</p>`}
<form method="post" action="enrol"><input type="hidden" name="link" value="${token}"><input type="hidden" name="token" value="${formToken('enrol', visit)}">
<p>${say(words.enrol.username, { name: html`<strong>${account.username}</strong>` })}</p>
<input type="text" name="username" value="${account.username}" autocomplete="username" readonly hidden>
${newPasswordFields(words)}
<button>${words.page.goOn}</button></form>`;
  sendHtml(response, { status, title: words.enrol.title, body, stay: `enrol?${new URLSearchParams({ token })}` });
}

export function newPasswordFields({ password }: Words) {
  return html`<label for="password">${password.label}</label><p class="hint" id="password-hint">${sayText(password.hint, { count: limits.people.passwordLength })}</p>
<input id="password" name="password" type="password" aria-describedby="password-hint" autocomplete="new-password" minlength="${limits.people.passwordLength}" required>
<label for="again">${password.again}</label><input id="again" name="again" type="password" autocomplete="new-password" required>`;
}
