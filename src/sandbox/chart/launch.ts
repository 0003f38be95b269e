import type { Request, Response } from 'express';
import type { Hospital } from '../hospital.ts';
import { html } from './html.ts';
import { sendPage } from './page.ts';
import { signedIn } from './sign-in.ts';

/** SMART EHR launch: makes the launch and sends the browser to the app with `iss` and `launch`. */
export async function launch(hospital: Hospital, request: Request, response: Response): Promise<void> {
  const patient = String(request.params.patient);
  const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
  const client = hospital.clients.get(form.get('client') ?? '');
  if (!client?.launchUrl || !hospital.chart.has('Patient', patient)) {
    const body = html`<p>The patient is not known, or the app is not registered here.</p>`;
    sendPage(response, 404, { hospital, title: 'Cannot open the application', body });
    return;
  }
  const target = new URL(client.launchUrl);
  target.searchParams.set('iss', hospital.base);
  target.searchParams.set(
    'launch',
    hospital.grants.startLaunch({ clientId: client.id, patient, practitioner: await signedIn(hospital, request) }),
  );
  response.redirect(303, target.href);
}
