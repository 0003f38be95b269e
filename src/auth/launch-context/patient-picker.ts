import type { Response } from 'express';
import { limits } from '../../base/limits.ts';
import { settled } from '../checks/exchange.ts';
import { choicesOf } from '../consent/questions.ts';
import { formTargetOf, transactionFields, type Visit } from '../consent/visit.ts';
import { type Html, html } from '../html.ts';
import { sendHtml } from '../page.ts';
import type { AuthRoom } from '../room.ts';
import type { PatientChoice } from './directory.ts';

/** SC-060: which child is it about? `found` is what a search by name has found. */
export async function sendPatientPage(
  response: Response,
  { visit, room, found }: { visit: Visit; room: AuthRoom; found?: readonly PatientChoice[] },
): Promise<void> {
  const { exchange, transaction } = visit;
  const { listed, searches } = await choicesOf(settled(exchange.session, 'session'), room);
  const fields = transactionFields(transaction);
  const body = html`<p>${settled(exchange.client, 'client').name} works with one child at a time.</p>
${listed.length > 0 && choiceForm(listed.slice(0, limits.people.childrenListed), fields)}
${searches && searchForm(fields)}
${found && html`<h2>Found</h2>${found.length > 0 ? choiceForm(found, fields) : html`<p role="status">No child has a name like this.</p>`}`}
${found && found.length >= limits.people.choices && html`<p class="hint">There may be more: give more of the name.</p>`}
${cancelForm(fields)}`;
  const formTarget = formTargetOf(exchange.redirectUri);
  sendHtml(response, { status: 200, title: 'Which child?', body, formTarget });
}

function choiceForm(choices: readonly PatientChoice[], fields: Html): Html {
  const buttons = choices.map(
    ({ id, name, birthDate }) =>
      html`<button class="choice" name="patient" value="${id}">${name}${birthDate !== undefined && `, born ${birthDate}`}</button>`,
  );
  return html`<form method="post" action="choose">${fields}${buttons}</form>`;
}

function searchForm(fields: Html): Html {
  return html`<form method="post" action="choose">${fields}
<label for="name">Name of the child</label><p class="hint" id="name-hint">Family or given name, from its beginning.</p>
<input id="name" name="name" aria-describedby="name-hint" autocomplete="off" required maxlength="${limits.people.searchLength}"><button>Search</button></form>`;
}

/** The way out of every question: the app learns that the person did not want to. */
export function cancelForm(fields: Html): Html {
  return html`<form method="post" action="choose">${fields}<button class="second" name="cancel" value="yes">Cancel</button></form>`;
}
