import type { RequestHandler, Response } from 'express';
import { finish, sendRefusal } from '../authorize.ts';
import { readCookie, sessionCookie } from '../cookies.ts';
import { sendContextPage } from '../launch-context/context-picker.ts';
import { sendEncounterPage } from '../launch-context/encounter-picker.ts';
import { sendPatientPage } from '../launch-context/patient-picker.ts';
import type { AuthRoom } from '../room.ts';
import { sendConsentPage } from './consent-page.ts';
import { nextQuestion, type Question } from './questions.ts';
import { transactionCookie } from './transactions.ts';
import { findVisit, pageParameters, pageUrl, sendOver, type Visit } from './visit.ts';

/** GET /auth/continue?t=…: shows the next question, or ends the transaction with the one answer the app gets. */
export function continueEndpoint(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    response.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
    const id = pageParameters(request).one('t');
    const visit = await findVisit(request, room, { id, sessionCookie: readCookie(request, sessionCookie) });
    if (!visit) return sendOver(response);
    await proceed(response, visit, room);
  };
}

async function proceed(response: Response, visit: Visit, room: AuthRoom): Promise<void> {
  const { exchange, transaction } = visit;
  const outcome = visit.refusal ? visit : await nextQuestion(exchange, room, transaction);
  if (!outcome) return finish(response, exchange, room, transaction);
  if ('ask' in outcome) return ask(response, outcome.ask, { visit, room });
  // The app is told once; a reload of this page tells it nothing more.
  if (!outcome.refusal || !(await room.transactions.finish(transaction))) return sendOver(response);
  room.cookies.clear(response, transactionCookie(transaction.id));
  sendRefusal(response, exchange, outcome.refusal, room);
}

async function ask(
  response: Response,
  question: Question,
  { visit, room }: { visit: Visit; room: AuthRoom },
): Promise<void> {
  if (question === 'patient') return sendPatientPage(response, { visit, room });
  if (question === 'encounter') return sendEncounterPage(response, { visit, room });
  if (question === 'context') return sendContextPage(response, { visit, room });
  if (question === 'consent') return sendConsentPage(response, { visit, room });
  response
    .status(303)
    .set('Location', pageUrl(room, 'sign-in', visit.transaction.id))
    .end();
}
