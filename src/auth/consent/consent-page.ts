import type { Response } from 'express';
import { settled } from '../checks/exchange.ts';
import { type Html, html } from '../html.ts';
import { cancelForm } from '../launch-context/patient-picker.ts';
import { sendHtml } from '../page.ts';
import type { AuthRoom } from '../room.ts';
import { type Tick, ticksFor } from './scope-choices.ts';
import { formTargetOf, transactionFields, type Visit } from './visit.ts';

/** SC-040: which app, for which child, what it asks in plain words, one tick for each; nothing is shared before it is allowed. */
export async function sendConsentPage(
  response: Response,
  { visit, room }: { visit: Visit; room: AuthRoom },
): Promise<void> {
  const { exchange, transaction } = visit;
  const client = settled(exchange.client, 'client');
  const ticks = ticksFor(settled(exchange.scopes, 'scopes'), room.resourceTypes);
  const child = await childOf(visit, room);
  const fields = transactionFields(transaction);
  const body = html`<p><strong>${client.name}</strong> is not part of Careweave. It asks for access${child !== undefined && html` to the record of <strong>${child}</strong>`}.
What you leave ticked here is shared with it; it never learns your password.</p>
<form method="post" action="allow">${fields}
${group(`In the record of ${child ?? 'the child'}`, ticks, 'patient')}
${group('In every record that you may see', ticks, 'user')}
${group('About you, and how long', ticks, 'special')}
<p class="hint">You can end this at any time under “Apps and access”.</p>
<button name="decision" value="allow">Allow</button></form>
${cancelForm(fields)}`;
  const formTarget = formTargetOf(exchange.redirectUri);
  const title = `Allow ${client.name}?`;
  sendHtml(response, { status: 200, title, body, formTarget });
}

async function childOf({ exchange }: Visit, room: AuthRoom): Promise<string | undefined> {
  const { patient, patientId, fhirUser } = exchange;
  if (patient || patientId === undefined || fhirUser === undefined) return patient?.name;
  return (await room.directory.patient(fhirUser, patientId))?.name ?? 'the child of this launch';
}

function group(legend: string, ticks: readonly Tick[], level: Tick['level']): Html | undefined {
  const own = ticks.filter((tick) => tick.level === level);
  return own.length === 0 ? undefined : html`<fieldset><legend>${legend}</legend>${own.map(lineOf)}</fieldset>`;
}

function lineOf({ name, words, kinds }: Tick): Html {
  const line = html`<label class="tick"><input type="checkbox" name="${name}" value="yes" checked><span>${words}</span></label>`;
  if (kinds.length === 0) return line;
  const kind = (one: Tick['kinds'][number]) =>
    html`<label class="tick"><input type="checkbox" name="${one.name}" value="yes"><span>${one.words}</span></label>`;
  return html`${line}<fieldset class="within"><legend>Of these</legend>
<label class="tick"><input type="radio" name="${name}only" value="no" checked><span>all kinds</span></label>
<label class="tick"><input type="radio" name="${name}only" value="yes"><span>only the kinds ticked here:</span></label>
<div class="within">${kinds.map(kind)}</div></fieldset>`;
}
