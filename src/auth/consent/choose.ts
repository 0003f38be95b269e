import type { RequestHandler, Response } from 'express';
import { limits } from '../../base/limits.ts';
import { sendRefusal } from '../authorize.ts';
import { settled } from '../checks/exchange.ts';
import { readCookie, sessionCookie } from '../cookies.ts';
import type { PatientChoice } from '../launch-context/directory.ts';
import { sendPatientPage } from '../launch-context/patient-picker.ts';
import type { Parameters } from '../parameters.ts';
import { refuse } from '../refusal.ts';
import type { AuthRoom } from '../room.ts';
import { contextsOf, nextQuestion } from './questions.ts';
import type { Answers } from './transactions.ts';
import { findVisit, isOurForm, pageParameters, pageUrl, sendOver, type Visit } from './visit.ts';

/**
 * POST /auth/choose: a child, an encounter, or none of it. A choice is only noted here; whether this person may make it is judged by
 * `questions.ts`, each time the request goes on.
 */
export function chooseEndpoint(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    response.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
    const parameters = pageParameters(request);
    const id = parameters.one('t');
    const visit = await findVisit(request, room, { id, sessionCookie: readCookie(request, sessionCookie) });
    if (!visit || !isOurForm(parameters, visit.transaction)) return sendOver(response);
    if (parameters.one('cancel') !== undefined) return cancel(response, visit, room);
    const { exchange, transaction } = visit;
    if (visit.refusal || !exchange.session) return goOn(response, visit, room);
    const name = parameters.one('name');
    if (name !== undefined && name.length <= limits.people.searchLength) {
      const outcome = await nextQuestion(exchange, room, transaction);
      if (!outcome || !('ask' in outcome) || outcome.ask !== 'patient') return goOn(response, visit, room);
      return sendPatientPage(response, { visit, room, found: await searched(visit, room, name) });
    }
    const answers = answersIn(parameters) ?? contextIn(parameters, visit, room);
    if (answers) await room.transactions.answer(transaction, exchange.session, answers);
    goOn(response, visit, room);
  };
}

function answersIn(parameters: Parameters): Answers | undefined {
  const patientId = parameters.one('patient');
  if (patientId !== undefined) return isId(patientId) ? { patientId } : undefined;
  const encounterId = parameters.one('encounter');
  if (encounterId === undefined) return undefined;
  return isId(encounterId) ? { encounterId } : undefined;
}

/** Of several that are asked for, those that were chosen before stay. */
function contextIn(parameters: Parameters, { exchange, transaction }: Visit, room: AuthRoom): Answers | undefined {
  const [scope, chosen] = [parameters.one('scope'), parameters.one('context')];
  const isAsked = contextsOf(exchange, room).some((one) => one.scope === scope);
  if (scope === undefined || chosen === undefined || !isAsked || !isId(chosen)) return undefined;
  const isSame = exchange.session !== undefined && transaction.sessionHash?.equals(exchange.session.hash);
  return { context: { ...(isSame && transaction.answers.context), [scope]: chosen } };
}

function isId(text: string): boolean {
  return /^[A-Za-z0-9.-]{1,64}$/.test(text);
}

async function searched({ exchange }: Visit, room: AuthRoom, name: string): Promise<PatientChoice[]> {
  const { fhirUsers } = settled(exchange.session, 'session');
  const found = await Promise.all(
    fhirUsers.map(async (link) =>
      (await room.directory.patientsOf(link)) === 'all' ? room.directory.search(link, name) : [],
    ),
  );
  return found.flat().slice(0, limits.people.choices);
}

async function cancel(response: Response, visit: Visit, room: AuthRoom): Promise<void> {
  if (!(await room.transactions.finish(visit.transaction))) return sendOver(response);
  const refusal = visit.refusal ?? refuse('access_denied', 'The person cancelled.', 'cancelled');
  sendRefusal(response, visit.exchange, refusal, room);
}

function goOn(response: Response, { transaction }: Visit, room: AuthRoom): void {
  response
    .status(303)
    .set('Location', pageUrl(room, 'continue', transaction.id))
    .end();
}
