import type { Request, Response } from 'express';
import type { Hospital } from '../hospital.ts';
import { type Html, html } from './html.ts';
import { personName } from './words.ts';

const offered = 8;

/** The clinician using the chart: chosen from a list, no password. This is a trying ground. */
export async function signedIn(hospital: Hospital, request: Request): Promise<string> {
  const clinicians = await hospital.clinicians();
  const cookie = new RegExp(`(?:^|; )clinician-${hospital.id}=([\\w-]+)`).exec(request.get('cookie') ?? '')?.[1];
  const known = cookie !== undefined && clinicians.includes(cookie);
  return known ? cookie : String(clinicians[0]);
}

export async function signInForm(hospital: Hospital, request: Request): Promise<Html> {
  const current = await signedIn(hospital, request);
  const options: Html[] = [];
  for (const id of (await hospital.clinicians()).slice(0, offered)) {
    const { resource } = await hospital.chart.read('Practitioner', id);
    const label = resource ? personName(resource) : 'Unknown';
    options.push(
      id === current
        ? html`<option value="${id}" selected>${label}</option>`
        : html`<option value="${id}">${label}</option>`,
    );
  }
  const action = `/ehr/${hospital.id}/sign-in`;
  return html`<form method="post" action="${action}">
<label for="clinician">Signed in as</label> <select id="clinician" name="clinician">${options}</select>
<input type="hidden" name="back" value="${request.path}"><button>Change</button></form>`;
}

/** Remembers the choice and goes back to the page it was made on. */
export async function signIn(hospital: Hospital, request: Request, response: Response): Promise<void> {
  const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
  const clinician = form.get('clinician') ?? '';
  const back = form.get('back') ?? '/';
  if ((await hospital.clinicians()).includes(clinician)) {
    response.cookie(`clinician-${hospital.id}`, clinician, {
      path: `/ehr/${hospital.id}`,
      httpOnly: true,
      sameSite: 'lax',
    });
  }
  // Within this chart only: the value came from a form.
  response.redirect(303, `/ehr/${hospital.id}${/^\/[\w/-]*$/.test(back) ? back : '/'}`);
}
