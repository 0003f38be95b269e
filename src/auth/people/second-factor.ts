import type { Request, RequestHandler, Response } from 'express';
import { formTargetOnTheWay, pageParameters, pageStay, pageUrl } from '../consent/visit.ts';
import { formToken, isFormToken } from '../form-token.ts';
import { html } from '../html.ts';
import { sendHtml } from '../page.ts';
import type { AuthRoom } from '../room.ts';
import { wordsOf } from '../words/language.ts';
import { afterSignIn, goTo, startSession, tellRefused, wayBack } from './signed-in.ts';

/** GET /auth/second-factor: after the password, a code. */
export function secondFactorPage(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    const cookie = room.cookies.read(request, 'step');
    const step = await room.steps.find(cookie);
    if (!step || cookie === undefined)
      return goTo(response, pageUrl(room, 'sign-in', wayBack(pageParameters(request))));
    await show(request, response, { room, status: 200, cookie });
  };
}

/** POST /auth/second-factor: the code of an authenticator app, or a recovery code. Each counts as a try at the account. */
export function secondFactorEndpoint(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    const form = pageParameters(request);
    const t = wayBack(form);
    const cookie = room.cookies.read(request, 'step');
    const step = await room.steps.find(cookie);
    const ours = isFormToken(form.one('token'), 'second-factor', cookie);
    if (!step || cookie === undefined || !ours) return goTo(response, pageUrl(room, 'sign-in', t));
    const counted = await room.credentials.tryAccount(step.accountId);
    const right = counted && (await room.credentials.acceptCode(step.accountId, form.one('code') ?? ''));
    if (!right) {
      await room.addressLimit.failed(request.ip);
      if (!(await tellRefused(request, response, room, 'second-factor'))) return;
      return show(request, response, { room, status: 401, cookie, problem: wordsOf(response).page.refused });
    }
    // Two right answers at once: one session.
    if (!(await room.steps.end(cookie))) return goTo(response, pageUrl(room, 'sign-in', t));
    const { accountId } = step;
    if (await startSession(request, response, { accountId, by: 'second-factor', room }))
      goTo(response, afterSignIn(room, t));
  };
}

async function show(
  request: Request,
  response: Response,
  { room, status, cookie, problem }: { room: AuthRoom; status: number; cookie: string; problem?: string },
): Promise<void> {
  const words = wordsOf(response);
  const t = wayBack(pageParameters(request));
  const body = html`${problem !== undefined && html`<p class="problem" role="alert">${problem}</p>`}
<form method="post" action="second-factor">${t !== undefined && html`<input type="hidden" name="t" value="${t}">`}
<input type="hidden" name="token" value="${formToken('second-factor', cookie)}">
<label for="code">${words.secondFactor.code}</label><p class="hint" id="code-hint">${words.secondFactor.hint}</p>
<input id="code" name="code" aria-describedby="code-hint" autocomplete="one-time-code" inputmode="text" spellcheck="false" autocapitalize="none" required>
<button>${words.page.goOn}</button></form>`;
  sendHtml(response, {
    status,
    title: words.secondFactor.title,
    body,
    stay: pageStay('second-factor', t),
    formTarget: await formTargetOnTheWay(request, room, t),
  });
}
