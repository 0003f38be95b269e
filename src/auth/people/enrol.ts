import type { Request, RequestHandler, Response } from 'express';
import { limits } from '../../base/limits.ts';
import { pageParameters, pageUrl } from '../consent/visit.ts';
import { formToken, isFormToken } from '../form-token.ts';
import { html } from '../html.ts';
import { sendHtml, sendPage } from '../page.ts';
import type { AuthRoom } from '../room.ts';
import { newSecret } from '../secrets.ts';
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
    const again = (status: number, problem: string) =>
      show(request, response, { room, account, token, status, problem });
    if (!isFormToken(form.one('token'), 'enrol', room.cookies.read(request, 'visit')))
      return again(400, 'This page was open too long: try again.');
    const password = form.one('password') ?? '';
    if (password !== form.one('again')) return again(400, 'The two passwords are not the same.');
    const problem = passwordProblem(password, account.username);
    if (problem) return again(400, problem);
    const hash = await room.passwords.hash(password);
    if (!hash.ok) return again(503, hash.error.issues[0]?.text ?? '');
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
  sendPage(response, { status: 409, title: 'This account cannot be opened yet', text: problem });
  return undefined;
}

function sendSpent(response: Response): void {
  const text = 'It was used already, or is too old. Ask the care team that invited you for a new one.';
  sendPage(response, { status: 400, title: 'This link is no longer valid', text });
}

interface Shown {
  room: AuthRoom;
  account: Account;
  token: string;
  status: number;
  problem?: string;
}

function show(request: Request, response: Response, { room, account, token, status, problem }: Shown): void {
  const visit = room.cookies.read(request, 'visit') ?? newSecret();
  room.cookies.set(response, 'visit', visit, limits.people.stepSeconds * 6);
  const body = html`${problem !== undefined && html`<p class="problem" role="alert">${problem}</p>`}
<form method="post" action="enrol"><input type="hidden" name="link" value="${token}"><input type="hidden" name="token" value="${formToken('enrol', visit)}">
<p>Your user name is <strong>${account.username}</strong>.</p>
<input type="text" name="username" value="${account.username}" autocomplete="username" readonly hidden>
${newPasswordFields()}
<button>Go on</button></form>`;
  sendHtml(response, { status, title: 'Choose a password', body });
}

export function newPasswordFields() {
  return html`<label for="password">New password</label><p class="hint" id="password-hint">At least ${limits.people.passwordLength} characters. Several words together are good; it need hold no special characters.</p>
<input id="password" name="password" type="password" aria-describedby="password-hint" autocomplete="new-password" minlength="${limits.people.passwordLength}" required>
<label for="again">The same again</label><input id="again" name="again" type="password" autocomplete="new-password" required>`;
}
