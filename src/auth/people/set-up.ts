import type { RequestHandler, Response } from 'express';
import { limits } from '../../base/limits.ts';
import { pageParameters, pageStay, pageUrl } from '../consent/visit.ts';
import { formToken, isFormToken } from '../form-token.ts';
import { html, ownMarkup } from '../html.ts';
import { sendHtml } from '../page.ts';
import type { AuthRoom } from '../room.ts';
import { wordsOf } from '../words/language.ts';
import { say } from '../words/say.ts';
import { type Account, needsSecondFactor } from './accounts.ts';
import { afterSignIn, goTo, startSession, wayBack } from './signed-in.ts';
import { acceptedStep, newTotpSecret, totpInvitation } from './totp.ts';

/** A step in which a second factor may be set up: there is none yet, or the person has shown the old one. */
async function settingUp(cookie: string | undefined, room: AuthRoom) {
  const step = await room.steps.find(cookie);
  const account = step && (await room.accounts.find(step.accountId));
  if (!step || !account || cookie === undefined) return undefined;
  // Whoever has only the password must not replace what protects against that.
  if (account.hasSecondFactor && step.newSecret === undefined) return undefined;
  if (step.newSecret)
    return { account, cookie, secret: await room.sealing.open(step.newSecret), sealed: step.newSecret };
  const secret = newTotpSecret();
  const sealed = await room.sealing.seal(secret);
  await room.steps.keepSecret(cookie, sealed);
  return { account, cookie, secret, sealed };
}

/** Begins to replace the second factor of a person who has just shown the old one. */
export async function startReplacing(response: Response, accountId: string, room: AuthRoom): Promise<void> {
  const cookie = await room.steps.start(accountId);
  await room.steps.keepSecret(cookie, await room.sealing.seal(newTotpSecret()));
  room.cookies.set(response, 'step', cookie, limits.people.stepSeconds);
}

/** GET /auth/set-up: the picture for an authenticator app. */
export function setUpPage(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    const t = wayBack(pageParameters(request));
    const now = await settingUp(room.cookies.read(request, 'step'), room);
    if (!now) return goTo(response, pageUrl(room, 'sign-in', t));
    show(response, { ...now, t, status: 200 });
  };
}

/** POST /auth/set-up: the first code. It proves that the app has the secret; only then does it count from now on. */
export function setUpEndpoint(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    const form = pageParameters(request);
    const t = wayBack(form);
    const cookie = room.cookies.read(request, 'step');
    const now = isFormToken(form.one('token'), 'set-up', cookie) ? await settingUp(cookie, room) : undefined;
    if (!now) return goTo(response, pageUrl(room, 'sign-in', t));
    const step = acceptedStep(now.secret, form.one('code') ?? '', { now: room.clock.now(), after: 0 });
    if (step === undefined)
      return show(response, {
        ...now,
        t,
        status: 400,
        problem: wordsOf(response).setUp.wrong,
      });
    if (!(await room.steps.end(now.cookie))) return goTo(response, pageUrl(room, 'sign-in', t));
    const codes = await room.credentials.setSecondFactor(now.account.id, now.sealed, step);
    const accountId = now.account.id;
    if (!(await startSession(request, response, { accountId, by: 'second-factor', room }))) return;
    const { recovery } = wordsOf(response);
    const body = html`<p>${recovery.intro}
<strong>${recovery.keep}</strong></p>
<ul class="codes">${codes.map((code) => html`<li><code>${code}</code></li>`)}</ul>
<p><a href="${afterSignIn(room, t)}">${recovery.done}</a></p>`;
    sendHtml(response, { status: 200, title: recovery.title, body });
  };
}

function show(
  response: Response,
  now: {
    account: Account;
    cookie: string;
    secret: Uint8Array;
    t: string | undefined;
    status: number;
    problem?: string;
  },
): void {
  const { svg, key } = totpInvitation(now.secret, now.account.username);
  const { setUp, page } = wordsOf(response);
  const why = needsSecondFactor(now.account) ? setUp.whyMany : setUp.whyOne;
  const body = html`${now.problem !== undefined && html`<p class="problem" role="alert">${now.problem}</p>`}
<p>${why}</p><p>${setUp.scan}</p>
<div class="qr" role="img" aria-label="${setUp.qr}">${ownMarkup(svg.replace('<svg ', '<svg aria-hidden="true" '))}</div>
<p>${say(setUp.key, { key: html`<code>${key}</code>` })}</p>
<form method="post" action="set-up">${now.t !== undefined && html`<input type="hidden" name="t" value="${now.t}">`}
<input type="hidden" name="token" value="${formToken('set-up', now.cookie)}">
<label for="code">${setUp.code}</label><input id="code" name="code" autocomplete="one-time-code" inputmode="numeric" required>
<button>${page.goOn}</button></form>`;
  sendHtml(response, { status: now.status, title: setUp.title, body, stay: pageStay('set-up', now.t) });
}
