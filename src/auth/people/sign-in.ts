import type { Request, RequestHandler, Response } from 'express';
import { limits } from '../../base/limits.ts';
import { transactionCookie } from '../consent/transactions.ts';
import { formTargetOf, pageParameters, pageStay, pageUrl } from '../consent/visit.ts';
import { formToken, isFormToken } from '../form-token.ts';
import { html } from '../html.ts';
import { sendHtml } from '../page.ts';
import { readParameters } from '../parameters.ts';
import type { AuthRoom } from '../room.ts';
import { newSecret } from '../secrets.ts';
import { wordsOf } from '../words/language.ts';
import { appName, say } from '../words/say.ts';
import { needsSecondFactor } from './accounts.ts';
import { authenticate } from './authenticate.ts';
import { afterSignIn, goTo, startSession, tellRefused, wayBack } from './signed-in.ts';

/** GET and POST /auth/sign-in: name and password, and the ways in through a hospital's own sign-on. */
export function signInPage(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    await show(request, response, { room, status: 200 });
    await room.sweep();
  };
}

export function signInEndpoint(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    const form = pageParameters(request);
    const t = wayBack(form);
    const words = wordsOf(response).page;
    const ours = isFormToken(form.one('token'), 'sign-in', room.cookies.read(request, 'visit'));
    if (!ours) return show(request, response, { room, status: 400, problem: words.openTooLong });
    const given = {
      username: (form.one('username') ?? '').slice(0, limits.people.searchLength),
      password: (form.one('password') ?? '').slice(0, limits.people.passwordBytes),
      address: request.ip,
    };
    const answer = await authenticate(given, room);
    if (!answer.ok) return show(request, response, { room, status: 503, problem: words.busy });
    if (answer.value === 'refused') {
      if (!(await tellRefused(request, response, room, 'password'))) return;
      return show(request, response, { room, status: 401, problem: words.refused, username: given.username });
    }
    if ('wait' in answer.value) {
      response.set('Retry-After', String(answer.value.wait));
      return show(request, response, { room, status: 429, problem: words.refused });
    }
    const { account } = answer.value;
    if (!account.hasSecondFactor && !needsSecondFactor(account)) {
      const started = await startSession(request, response, { accountId: account.id, by: 'password', room });
      if (started) goTo(response, afterSignIn(room, t));
      return;
    }
    room.cookies.set(response, 'step', await room.steps.start(account.id), limits.people.stepSeconds);
    goTo(response, pageUrl(room, account.hasSecondFactor ? 'second-factor' : 'set-up', t));
  };
}

async function show(
  request: Request,
  response: Response,
  { room, status, problem, username }: { room: AuthRoom; status: number; problem?: string; username?: string },
): Promise<void> {
  const words = wordsOf(response);
  const t = wayBack(pageParameters(request));
  const waiting = await room.transactions.find(t, t && room.cookies.read(request, transactionCookie(t)));
  const asked = waiting && readParameters(waiting.parameters);
  const app = waiting && (await room.clients.find(waiting.clientId));
  const visit = room.cookies.read(request, 'visit') ?? newSecret();
  room.cookies.set(response, 'visit', visit, limits.people.stepSeconds * 6);
  const providers = (await room.providers.list()).filter(({ active }) => active);
  const onTheWay = waiting && html`<input type="hidden" name="t" value="${waiting.id}">`;
  const name = username ?? asked?.one('login_hint')?.slice(0, limits.people.searchLength) ?? '';
  const body = html`${problem !== undefined && html`<p class="problem" role="alert">${problem}</p>`}
${app && html`<p>${say(words.signIn.toApp, { app: appName(app, words) })}</p>`}
<form method="post" action="sign-in">${onTheWay}<input type="hidden" name="token" value="${formToken('sign-in', visit)}">
<label for="username">${words.signIn.username}</label><input id="username" name="username" value="${name}" autocomplete="username" autocapitalize="none" spellcheck="false" required>
<label for="password">${words.signIn.password}</label><input id="password" name="password" type="password" autocomplete="current-password" required>
<button>${words.signIn.submit}</button></form>
${providers.length > 0 && html`<h2>${words.signIn.organizations}</h2><ul class="plain">${providers.map((one) => html`<li><a href="upstream/${one.id}${waiting && html`?t=${waiting.id}`}">${one.name}</a></li>`)}</ul>`}
<p class="hint">${words.signIn.noAccount}</p>`;
  const formTarget = formTargetOf(asked?.one('redirect_uri'));
  const stay = pageStay('sign-in', waiting?.id);
  sendHtml(response, { status, title: words.signIn.title, body, formTarget, stay });
}
