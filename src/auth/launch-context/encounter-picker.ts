import type { Response } from 'express';
import { limits } from '../../base/limits.ts';
import { settled } from '../checks/exchange.ts';
import { formTargetOf, pageStay, transactionFields, type Visit } from '../consent/visit.ts';
import { html } from '../html.ts';
import { sendHtml } from '../page.ts';
import type { AuthRoom } from '../room.ts';
import { wordsOf } from '../words/language.ts';
import { appName, say } from '../words/say.ts';
import { cancelForm } from './patient-picker.ts';

/** SC-062: which encounter of the child? None is an answer too. */
export async function sendEncounterPage(
  response: Response,
  { visit, room }: { visit: Visit; room: AuthRoom },
): Promise<void> {
  const { exchange, transaction } = visit;
  const words = wordsOf(response);
  const { encounter } = words;
  const fhirUser = settled(exchange.fhirUser, 'fhirUser');
  const encounters = await room.directory.encountersOf(fhirUser, settled(exchange.patientId, 'patientId'));
  const fields = transactionFields(transaction);
  const buttons = encounters
    .slice(0, limits.people.choices)
    .map(({ id, name }) => html`<button class="choice" name="encounter" value="${id}">${name}</button>`);
  const body = html`<p>${say(encounter.intro, { app: appName(settled(exchange.client, 'client'), words) })}</p>
<form method="post" action="choose">${fields}${buttons}<button class="choice" name="encounter" value="none">${encounter.none}</button></form>
${cancelForm(fields, words)}`;
  const formTarget = formTargetOf(exchange.redirectUri);
  const stay = pageStay('continue', transaction.id);
  sendHtml(response, { status: 200, title: encounter.title, body, formTarget, stay });
}
