import type { RequestHandler, Response } from 'express';
import { parseScopes } from '../../access/scopes.ts';
import { limits } from '../../base/limits.ts';
import { scopeWords, specialWords } from '../consent/scope-words.ts';
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
    await show(response, { ...found, room, ...(grant && { ended: grant.clientName }) });
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
  shown: { session: Session; cookie: string; room: AuthRoom; ended?: string },
): Promise<void> {
  const { session, cookie, room, ended } = shown;
  const grants = await ownGrants(session, room);
  const entries = await Promise.all(grants.map((grant) => entryOf(grant, cookie, room)));
  const body = html`${ended !== undefined && html`<p class="notice" role="status">${ended} has no access any more.</p>`}
<p>These apps can see or change records with your permission. Nobody else sees this list.</p>
${entries.length === 0 ? html`<p>There are none.</p>` : html`<ul class="plain">${entries}</ul>`}
${session.accountId !== undefined && html`<p><a href="account">Your account</a></p>`}${signOutForm(cookie)}`;
  sendHtml(response, { status: 200, title: 'Apps and access', body });
}

/** When access ends that nobody ends. */
function endOf({ refresh, expiresAt }: GrantSummary, day: (date: Date) => Html): Html {
  if (refresh === 'offline') return html` It keeps its access until you end it.`;
  return refresh === 'online' ? html` It ends when you sign out.` : html` It ends by itself at ${day(expiresAt)}.`;
}

async function entryOf(grant: GrantSummary, cookie: string, room: AuthRoom): Promise<Html> {
  const { patientId, fhirUser, clientName, scopes } = grant;
  // The name only while the person may still see this child.
  const child = patientId === undefined ? undefined : await room.directory.patient(fhirUser, patientId);
  const about =
    patientId === undefined ? 'whatever you may see' : (child?.name ?? 'a child whose record you cannot see any more');
  const { resource, special } = parseScopes(scopes, room.resourceTypes);
  const words = [...resource.map(scopeWords), ...special.flatMap((name) => specialWords[name] ?? [])];
  const day = (date: Date) =>
    html`<time datetime="${date.toISOString()}">${date.toISOString().slice(0, 16).replace('T', ' ')} UTC</time>`;
  return html`<li class="entry"><h2 id="g-${grant.id}">${clientName}</h2><p>For: <strong>${about}</strong>. Allowed ${day(grant.createdAt)}, last used ${day(grant.lastUsedAt)}.
${endOf(grant, day)}</p>
<ul>${words.map((line) => html`<li>${line}</li>`)}</ul>
<form method="post" action="manage"><input type="hidden" name="token" value="${formToken('manage', cookie)}">
<button class="second small" name="grant" value="${grant.id}" aria-describedby="g-${grant.id}">End access</button></form></li>`;
}
