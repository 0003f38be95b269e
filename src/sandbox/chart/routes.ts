import express, { type Router } from 'express';
import type { GuardedFetch } from '../../base/guarded-fetch.ts';
import type { Hospital } from '../hospital.ts';
import { showDocument } from './document.ts';
import { html } from './html.ts';
import { launch } from './launch.ts';
import { sendPage, style } from './page.ts';
import { patientChart } from './patient-chart.ts';
import { patientList } from './patient-list.ts';
import { signIn } from './sign-in.ts';

const formBytes = 16 * 1024;

/** The pages a clinician of this hospital sees, mounted at `/ehr/<hospital>`. */
export function chartRoutes(hospital: Hospital, fetch: GuardedFetch): Router {
  const routes = express.Router();
  const form = express.text({ type: () => true, limit: formBytes });
  routes.get('/style.css', (_request, response) => {
    response.set('Cache-Control', 'max-age=300').type('css').send(style);
  });
  routes.get('/', (request, response) => patientList(hospital, request, response));
  routes.get('/patients/:patient', (request, response) => patientChart(hospital, fetch, request, response));
  routes.post('/patients/:patient/launch', form, (request, response) => launch(hospital, request, response));
  routes.get('/documents/:document', (request, response) => showDocument(hospital, request, response));
  routes.post('/sign-in', form, (request, response) => signIn(hospital, request, response));
  routes.use((_request, response) => {
    const body = html`<p><a href="/ehr/${hospital.id}/">All patients</a></p>`;
    sendPage(response, 404, { hospital, title: 'Not found', body });
  });
  return routes;
}
