import type { Response } from 'express';
import { settled } from '../checks/exchange.ts';
import { type Html, html } from '../html.ts';
import { cancelForm } from '../launch-context/patient-picker.ts';
import { sendHtml } from '../page.ts';
import type { AuthRoom } from '../room.ts';
import type { Words } from '../words/en.ts';
import { wordsOf } from '../words/language.ts';
import { appName, say, sayText } from '../words/say.ts';
import { type Tick, ticksFor } from './scope-choices.ts';
import { formTargetOf, pageStay, transactionFields, type Visit } from './visit.ts';

/** SC-040: which app, for which child, what it asks in plain words, one tick for each; nothing is shared before it is allowed. */
export async function sendConsentPage(
  response: Response,
  { visit, room }: { visit: Visit; room: AuthRoom },
): Promise<void> {
  const { exchange, transaction } = visit;
  const words = wordsOf(response);
  const client = settled(exchange.client, 'client');
  const app = appName(client, words);
  const ticks = ticksFor(settled(exchange.scopes, 'scopes'), room.resourceTypes, words);
  const child = await childOf(visit, room, words);
  const fields = transactionFields(transaction);
  const named = { app: html`<strong>${app}</strong>`, child: html`<strong>${child ?? ''}</strong>` };
  const inRecord = sayText(words.consent.inRecord, { child: child ?? words.consent.theChild });
  const lines = (legend: string, level: Tick['level']) =>
    group(
      legend,
      ticks.filter((tick) => tick.level === level),
      words,
    );
  const body = html`<p>${say(child === undefined ? words.consent.asks : words.consent.asksChild, named)}
${words.consent.ticked}</p>
<form method="post" action="allow">${fields}
${lines(inRecord, 'patient')}
${lines(words.consent.inEvery, 'user')}
${lines(words.consent.aboutYou, 'special')}
<p class="hint">${words.consent.end}</p>
<button name="decision" value="allow">${words.consent.allow}</button></form>
${cancelForm(fields, words)}`;
  const formTarget = formTargetOf(exchange.redirectUri);
  const stay = pageStay('continue', transaction.id);
  sendHtml(response, { status: 200, title: sayText(words.consent.title, { app }), body, formTarget, stay });
}

async function childOf({ exchange }: Visit, room: AuthRoom, words: Words): Promise<string | undefined> {
  const { patient, patientId, fhirUser } = exchange;
  if (patient || patientId === undefined || fhirUser === undefined) return patient?.name;
  return (await room.directory.patient(fhirUser, patientId))?.name ?? words.consent.launchChild;
}

function group(legend: string, ticks: readonly Tick[], words: Words): Html | undefined {
  if (ticks.length === 0) return undefined;
  return html`<fieldset><legend>${legend}</legend>${ticks.map((tick) => lineOf(tick, words))}</fieldset>`;
}

function lineOf({ name, words: text, kinds }: Tick, { consent }: Words): Html {
  const line = html`<label class="tick"><input type="checkbox" name="${name}" value="yes" checked><span>${text}</span></label>`;
  if (kinds.length === 0) return line;
  const kind = (one: Tick['kinds'][number]) =>
    html`<label class="tick"><input type="checkbox" name="${one.name}" value="yes"><span>${one.words}</span></label>`;
  return html`${line}<fieldset class="within"><legend>${consent.ofThese}</legend>
<label class="tick"><input type="radio" name="${name}only" value="no" checked><span>${consent.allKinds}</span></label>
<label class="tick"><input type="radio" name="${name}only" value="yes"><span>${consent.onlyKinds}</span></label>
<div class="within">${kinds.map(kind)}</div></fieldset>`;
}
