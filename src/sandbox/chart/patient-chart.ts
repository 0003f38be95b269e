import type { Request, Response } from 'express';
import type { GuardedFetch } from '../../base/guarded-fetch.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Hospital } from '../hospital.ts';
import { type Card, type CardsAnswer, cardsFrom } from './cds-cards.ts';
import { type Html, html } from './html.ts';
import { markdown } from './markdown.ts';
import { sendPage } from './page.ts';
import { signedIn, signInForm } from './sign-in.ts';
import { ageText, attachmentOf, conceptText, dateText, firstConceptText, personName, statusText } from './words.ts';

async function recordsOf(hospital: Hospital, type: string, patient: string): Promise<Resource[]> {
  const found = await hospital.chart.search(type, new URLSearchParams({ patient }), patient);
  const resources: Resource[] = [];
  for (const id of 'ids' in found ? found.ids : []) {
    const { resource } = await hospital.chart.read(type, id);
    if (resource) resources.push(resource);
  }
  return resources;
}

function list(title: string, items: Html[]): Html {
  const content =
    items.length > 0
      ? html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`
      : html`<p class="quiet">None recorded.</p>`;
  return html`<section><h2>${title}</h2>${content}</section>`;
}

function launchButton(hospital: Hospital, patient: string, client: string, label: string): Html {
  return html`<form method="post" action="/ehr/${hospital.id}/patients/${patient}/launch">
<input type="hidden" name="client" value="${client}"><button>${label}</button></form>`;
}

function cardView(hospital: Hospital, patient: string, card: Card): Html {
  const kind = ['warning', 'critical'].includes(card.indicator) ? card.indicator : 'info';
  const links = card.links.map((link) => {
    if (link.type !== 'smart')
      return html`<p><a href="${/^https?:/.test(link.url) ? link.url : '#'}">${link.label}</a></p>`;
    const client = [...hospital.clients.values()].find((one) => one.launchUrl === link.url);
    return client
      ? launchButton(hospital, patient, client.id, link.label || `Open in ${client.name}`)
      : html`<p class="quiet">${link.label}: this app is not registered here.</p>`;
  });
  return html`<section class="card ${kind}" aria-label="Card from ${card.source}: ${card.summary}"><h2>${card.summary}</h2>
${markdown(card.detail)}${links}<p class="quiet">Source: ${card.source}</p></section>`;
}

function answerView(hospital: Hospital, patient: string, answer: CardsAnswer): Html {
  if ('problem' in answer)
    return html`<section role="status"><h2>Decision support</h2><p>${answer.problem}</p></section>`;
  if (answer.cards.length === 0) {
    return html`<section><h2>Decision support</h2><p class="quiet">Nothing is known about this patient there yet.</p></section>`;
  }
  return html`${answer.cards.map((card) => cardView(hospital, patient, card))}`;
}

async function records(hospital: Hospital, patient: string): Promise<Html> {
  const of = (type: string) => recordsOf(hospital, type, patient);
  const problems = (await of('Condition')).filter(
    (one) => !['resolved', 'inactive'].includes(statusText(one.clinicalStatus)),
  );
  const documents = await of('DocumentReference');
  const root = `/ehr/${hospital.id}`;
  return html`${list(
    'Problems',
    problems.map((one) => html`${conceptText(one.code)} <span class="quiet">${dateText(one.onsetDateTime)}</span>`),
  )}${list(
    'Plans',
    (await of('CarePlan')).map((one) => {
      const title = typeof one.title === 'string' ? one.title : firstConceptText(one.category);
      return html`${title || 'Care plan'} <span class="quiet">${statusText(one.status)}</span>`;
    }),
  )}${list(
    'Referrals and orders',
    (await of('ServiceRequest')).map(
      (one) => html`${conceptText(one.code)} <span class="quiet">${statusText(one.status)}</span>`,
    ),
  )}${list(
    'Documents',
    documents.map((one) => {
      const title = attachmentOf(one).title || conceptText(one.type) || 'Document';
      return html`<a href="${root}/documents/${one.id}">${title}</a> <span class="quiet">${dateText(one.date)}</span>`;
    }),
  )}`;
}

/** A patient's chart: who it is, cards of decision support, apps to open, and the hospital's own records. */
export async function patientChart(
  hospital: Hospital,
  fetch: GuardedFetch,
  request: Request,
  response: Response,
): Promise<void> {
  const id = String(request.params.patient);
  const { resource: patient } = await hospital.chart.read('Patient', id);
  const signIn = await signInForm(hospital, request);
  if (!patient) {
    const body = html`<p>There is no such patient. <a href="/ehr/${hospital.id}/">All patients</a></p>`;
    return sendPage(response, 404, { hospital, title: 'Not found', body, signIn });
  }
  const context = { patient: id, practitioner: await signedIn(hospital, request) };
  const answers = await Promise.all(
    hospital.cdsServices.map((service) => cardsFrom(service, hospital, context, fetch)),
  );
  const apps = [...hospital.clients.values()].filter((client) => client.launchUrl !== undefined);
  const body = html`<p>Born ${dateText(patient.birthDate)}, ${ageText(patient.birthDate, hospital.clock.now())}, ${statusText(patient.gender)}</p>
${answers.map((answer) => answerView(hospital, id, answer))}
<section><h2>Apps</h2><div class="apps">${apps.map((app) => launchButton(hospital, id, app.id, `Launch ${app.name}`))}
${apps.length === 0 && html`<p class="quiet">No app is registered.</p>`}</div></section>
${await records(hospital, id)}`;
  sendPage(response, 200, { hospital, title: personName(patient), body, signIn });
}
