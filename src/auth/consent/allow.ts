import type { Request, RequestHandler, Response } from 'express';
import { parseScopes } from '../../access/scopes.ts';
import { settled } from '../checks/exchange.ts';
import { readCookie, sessionCookie } from '../cookies.ts';
import type { AuthRoom } from '../room.ts';
import { tell } from '../tell.ts';
import { wordsOf } from '../words/language.ts';
import { nextQuestion } from './questions.ts';
import { tickedScopes, ticksFor } from './scope-choices.ts';
import { findVisit, isOurForm, pageParameters, pageUrl, sendOver, type Visit } from './visit.ts';

/** POST /auth/allow: what was ticked on the consent page. Counts only while consent is the question (SC-041). */
export function allowEndpoint(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    response.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
    const form = pageParameters(request);
    const id = form.one('t');
    const visit = await findVisit(request, room, { id, sessionCookie: readCookie(request, sessionCookie) });
    if (!visit || !isOurForm(form, visit.transaction)) return sendOver(response);
    const { exchange, transaction } = visit;
    const outcome = visit.refusal ? undefined : await nextQuestion(exchange, room, transaction);
    if (outcome && 'ask' in outcome && outcome.ask === 'consent') {
      const asked = settled(exchange.scopes, 'scopes');
      if (!(await told(visit, request, response, room))) return;
      const consent = tickedScopes(asked, ticksFor(asked, room.resourceTypes, wordsOf(response)), form);
      await room.transactions.answer(transaction, settled(exchange.session, 'session'), { consent });
      if (consent !== '') await remember(visit, room, consent);
    }
    response
      .status(303)
      .set('Location', pageUrl(room, 'continue', transaction.id))
      .end();
  };
}

/** That somebody has answered; what, the grant says. */
function told({ exchange }: Visit, request: Request, response: Response, room: AuthRoom): Promise<boolean> {
  const { fhirUser, patientId } = exchange;
  const who = { client: settled(exchange.client, 'client').id, ...(fhirUser !== undefined && { person: fhirUser }) };
  const patients = patientId === undefined ? [] : [patientId];
  return tell({ act: 'consent', outcome: 'success', who, patients }, request, response, room, 'person');
}

async function remember({ exchange }: Visit, room: AuthRoom, consent: string): Promise<void> {
  const place = { fhirUser: settled(exchange.fhirUser, 'fhirUser'), clientId: settled(exchange.client, 'client').id };
  const about = exchange.patientId === undefined ? {} : { patientId: exchange.patientId };
  const scopes = { asked: settled(exchange.scopes, 'scopes'), given: parseScopes(consent, room.resourceTypes) };
  await room.consents.remember({ ...place, ...about }, scopes);
}
