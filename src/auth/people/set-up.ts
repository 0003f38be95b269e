import type { RequestHandler, Response } from 'express';
import { limits } from '../../base/limits.ts';
import { pageParameters, pageUrl } from '../consent/visit.ts';
import { formToken, isFormToken } from '../form-token.ts';
import { html, ownMarkup } from '../html.ts';
import { sendHtml } from '../page.ts';
import type { AuthRoom } from '../room.ts';
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
        problem: 'This code is not right. Wait for the next and try again.',
      });
    if (!(await room.steps.end(now.cookie))) return goTo(response, pageUrl(room, 'sign-in', t));
    const codes = await room.credentials.setSecondFactor(now.account.id, now.sealed, step);
    const accountId = now.account.id;
    if (!(await startSession(request, response, { accountId, by: 'second-factor', room }))) return;
    const body = html`<p>From now on you sign in with your password and a code from your app. If you lose the app, each of these recovery codes lets you in once.
<strong>Write them down or print this page: they are not shown again.</strong></p>
<ul class="codes">${codes.map((code) => html`<li><code>${code}</code></li>`)}</ul>
<p><a href="${afterSignIn(room, t)}">I have them: go on</a></p>`;
    sendHtml(response, { status: 200, title: 'Your recovery codes', body });
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
  const why = needsSecondFactor(now.account)
    ? 'Your account opens the records of many children, so a password alone is not enough.'
    : 'A second factor keeps the record closed even to somebody who has learned your password.';
  const body = html`${now.problem !== undefined && html`<p class="problem" role="alert">${now.problem}</p>`}
<p>${why}</p><p>Scan this with an authenticator app on your telephone, then type the six digits it shows.</p>
<div class="qr" role="img" aria-label="QR code for an authenticator app">${ownMarkup(svg.replace('<svg ', '<svg aria-hidden="true" '))}</div>
<p>Or type this key into the app: <code>${key}</code></p>
<form method="post" action="set-up">${now.t !== undefined && html`<input type="hidden" name="t" value="${now.t}">`}
<input type="hidden" name="token" value="${formToken('set-up', now.cookie)}">
<label for="code">Code from the app</label><input id="code" name="code" autocomplete="one-time-code" inputmode="numeric" required>
<button>Go on</button></form>`;
  sendHtml(response, { status: now.status, title: 'Set up a second factor', body });
}
