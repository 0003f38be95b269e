import type { Response } from 'express';
import { limits } from '../../base/limits.ts';
import { settled } from '../checks/exchange.ts';
import { choicesOf } from '../consent/questions.ts';
import { formTargetOf, pageStay, transactionFields, type Visit } from '../consent/visit.ts';
import { type Html, html } from '../html.ts';
import { sendHtml } from '../page.ts';
import type { AuthRoom } from '../room.ts';
import type { Words } from '../words/en.ts';
import { wordsOf } from '../words/language.ts';
import { appName, say, sayText } from '../words/say.ts';
import type { PatientChoice } from './directory.ts';

/** SC-060: which child is it about? `found` is what a search by name has found. */
export async function sendPatientPage(
  response: Response,
  { visit, room, found }: { visit: Visit; room: AuthRoom; found?: readonly PatientChoice[] },
): Promise<void> {
  const { exchange, transaction } = visit;
  const words = wordsOf(response);
  const { patient } = words;
  const { listed, searches } = await choicesOf(settled(exchange.session, 'session'), room);
  const fields = transactionFields(transaction);
  const body = html`<p>${say(patient.intro, { app: appName(settled(exchange.client, 'client'), words) })}</p>
${listed.length > 0 && choiceForm(listed.slice(0, limits.people.childrenListed), fields, words)}
${searches && searchForm(fields, words)}
${found && html`<h2>${patient.found}</h2>${found.length > 0 ? choiceForm(found, fields, words) : html`<p role="status">${patient.nobody}</p>`}`}
${found && found.length >= limits.people.choices && html`<p class="hint">${patient.more}</p>`}
${cancelForm(fields, words)}`;
  const formTarget = formTargetOf(exchange.redirectUri);
  const stay = pageStay('continue', transaction.id);
  sendHtml(response, { status: 200, title: patient.title, body, formTarget, stay });
}

function choiceForm(choices: readonly PatientChoice[], fields: Html, { patient }: Words): Html {
  const buttons = choices.map(
    ({ id, name, birthDate }) =>
      html`<button class="choice" name="patient" value="${id}">${birthDate === undefined ? name : sayText(patient.born, { name, day: birthDate })}</button>`,
  );
  return html`<form method="post" action="choose">${fields}${buttons}</form>`;
}

function searchForm(fields: Html, { patient }: Words): Html {
  return html`<form method="post" action="choose">${fields}
<label for="name">${patient.name}</label><p class="hint" id="name-hint">${patient.hint}</p>
<input id="name" name="name" aria-describedby="name-hint" autocomplete="off" required maxlength="${limits.people.searchLength}"><button>${patient.search}</button></form>`;
}

/** The way out of every question: the app learns that the person did not want to. */
export function cancelForm(fields: Html, { page }: Words): Html {
  return html`<form method="post" action="choose">${fields}<button class="second" name="cancel" value="yes">${page.cancel}</button></form>`;
}
