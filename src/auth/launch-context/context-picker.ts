import type { Response } from 'express';
import { limits } from '../../base/limits.ts';
import { settled } from '../checks/exchange.ts';
import { nextContext } from '../consent/questions.ts';
import { formTargetOf, pageStay, sendOver, transactionFields, type Visit } from '../consent/visit.ts';
import { html } from '../html.ts';
import { sendHtml } from '../page.ts';
import type { AuthRoom } from '../room.ts';
import { wordsOf } from '../words/language.ts';
import { appName, say, sayText, wordsFor } from '../words/say.ts';
import { cancelForm } from './patient-picker.ts';

/** SC-062: which record of a type is it about? None is an answer too. */
export async function sendContextPage(
  response: Response,
  { visit, room }: { visit: Visit; room: AuthRoom },
): Promise<void> {
  const { exchange, transaction } = visit;
  const next = await nextContext(exchange, room, transaction);
  if (!next) return sendOver(response);
  const words = wordsOf(response);
  const { context, scopes } = words;
  const what = wordsFor(words.types, next.type) ?? sayText(scopes.ofType, { type: next.type });
  const fields = transactionFields(transaction);
  const buttons = next.records
    .slice(0, limits.people.choices)
    .map(({ id, name }) => html`<button class="choice" name="context" value="${id}">${name}</button>`);
  const app = appName(settled(exchange.client, 'client'), words);
  const body = html`<p>${say(context.intro, { app, what })}</p>
<form method="post" action="choose">${fields}<input type="hidden" name="scope" value="${next.scope}">${buttons}<button class="choice" name="context" value="none">${words.encounter.none}</button></form>
${cancelForm(fields, words)}`;
  const formTarget = formTargetOf(exchange.redirectUri);
  const stay = pageStay('continue', transaction.id);
  sendHtml(response, { status: 200, title: context.title, body, formTarget, stay });
}
