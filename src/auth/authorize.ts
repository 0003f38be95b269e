import type { Request, RequestHandler, Response } from 'express';
import { limits } from '../base/limits.ts';
import { type Exchange, settled } from './checks/exchange.ts';
import { runChecks } from './checks/index.ts';
import { nextQuestion } from './consent/questions.ts';
import { type Transaction, transactionCookie, transactionCookiePrefix } from './consent/transactions.ts';
import { pageUrl, sendOver, sessionCookiesOf } from './consent/visit.ts';
import { readCookie, sessionCookie } from './cookies.ts';
import { sendPage } from './page.ts';
import { queryText, readParameters } from './parameters.ts';
import { type Refusal, refuse } from './refusal.ts';
import type { AuthRoom } from './room.ts';
import { tell } from './tell.ts';
import type { NewGrant } from './types.ts';
import { hearLanguage, wordsOf } from './words/language.ts';

/**
 * GET and POST /auth/authorize (SC-030 to SC-039). A request that needs nothing of its person is answered at once; any other waits in a
 * transaction while the person signs in, chooses and allows.
 */
export function authorizeEndpoint(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    response.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache', 'Referrer-Policy': 'no-referrer' });
    const text = parameterText(request);
    const exchange: Exchange = {
      endpoint: 'authorize',
      parameters: readParameters(text),
      sessionCookie: readCookie(request, sessionCookie),
      ...sessionCookiesOf(request, room),
    };
    hearLanguage(response, room.cookies, exchange.parameters.one('ui_locales'));
    await answer(request, response, { exchange, text, room });
    await room.sweep();
  };
}

async function answer(
  request: Request,
  response: Response,
  { exchange, text, room }: { exchange: Exchange; text: string; room: AuthRoom },
): Promise<void> {
  const refusal = await runChecks(exchange, room);
  if (refusal) return sendRefusal(response, exchange, refusal, room);
  // A form posted from the app's site comes without our cookie: who is signed in shows only on the way back to us.
  const unseen = request.method === 'POST' && !exchange.session;
  const outcome = unseen ? { ask: 'sign-in' as const } : await nextQuestion(exchange, room, undefined);
  if (!outcome) return finish(response, exchange, room);
  if ('refusal' in outcome) return sendRefusal(response, exchange, outcome.refusal, room);
  const clientId = settled(exchange.client, 'client').id;
  const { id, cookie } = await room.transactions.start({ clientId, parameters: text });
  // A page that opens us over and over must not fill the browser's jar until nobody answers it any more.
  const open = room.cookies.beginning(request, transactionCookiePrefix);
  if (open.length >= limits.people.openTransactions) for (const name of open) room.cookies.clear(response, name);
  room.cookies.set(response, transactionCookie(id), cookie, limits.people.transactionSeconds);
  response
    .status(303)
    .set('Location', pageUrl(room, 'continue', id))
    .end();
}

function parameterText(request: Request): string {
  if (request.method === 'POST') return typeof request.body === 'string' ? request.body : '';
  return queryText(request.originalUrl);
}

/** Everything is settled: uses up what is good once, and sends the browser back with a code. */
export async function finish(
  response: Response,
  exchange: Exchange,
  room: AuthRoom,
  transaction?: Transaction,
): Promise<void> {
  if (transaction && !(await room.transactions.finish(transaction))) return sendOver(response);
  if (transaction) room.cookies.clear(response, transactionCookie(transaction.id));
  // Two requests at once: the database lets one of them have the launch.
  if (exchange.launch && !(await room.launches.use(exchange.launch))) {
    const used = refuse('invalid_request', 'The launch is not known or no longer valid.', 'launch used');
    return sendRefusal(response, exchange, used, room);
  }
  const grant = grantOf(exchange);
  const who = { client: grant.clientId, person: grant.fhirUser };
  const patients = grant.patientId === undefined ? [] : [grant.patientId];
  const entry = { act: 'authorize', outcome: 'success', who, patients } as const;
  if (!(await tell(entry, response.req, response, room, 'person'))) return;
  sendBack(response, exchange, room, { code: await room.codes.create(grant) });
}

function grantOf(exchange: Exchange): NewGrant {
  const { parameters, launch, patientId, encounterId, fhirContext = [] } = exchange;
  const session = settled(exchange.session, 'session');
  const grant: NewGrant = {
    ...launch?.context,
    clientId: settled(exchange.client, 'client').id,
    redirectUri: settled(exchange.redirectUri, 'redirectUri'),
    codeChallenge: settled(parameters.one('code_challenge'), 'code_challenge'),
    needPatientBanner: launch?.needPatientBanner ?? true,
    fhirUser: settled(exchange.fhirUser, 'fhirUser'),
    scopes: settled(exchange.scopes, 'scopes'),
    sessionHash: session.hash,
    authTime: Math.floor(session.authenticatedAt.getTime() / 1000),
  };
  const nonce = parameters.one('nonce');
  if (nonce !== undefined) grant.nonce = nonce;
  if (patientId !== undefined) grant.patientId = patientId;
  if (encounterId !== undefined) grant.encounterId = encounterId;
  if (fhirContext.length > 0) grant.fhirContext = fhirContext;
  return grant;
}

/** To the app when it can be trusted to be the one that asked; otherwise a page (SC-031, SC-032). */
export function sendRefusal(response: Response, exchange: Exchange, refusal: Refusal, room: AuthRoom): void {
  room.log.info({ reason: refusal.reason }, 'authorize request refused');
  if (exchange.redirectUri === undefined) {
    const { appTitle: title, appUnknown, appAddress } = wordsOf(response).errors;
    sendPage(response, { status: 400, title, text: exchange.client ? appAddress : appUnknown });
    return;
  }
  sendBack(response, exchange, room, { error: refusal.error, error_description: refusal.description });
}

/** To the trusted redirect URI, with the app's state as it came and our issuer (RFC 9207: no mix-up of servers). */
function sendBack(response: Response, exchange: Exchange, room: AuthRoom, answer: Record<string, string>): void {
  const target = new URL(settled(exchange.redirectUri, 'redirectUri'));
  for (const [name, value] of Object.entries(answer)) target.searchParams.append(name, value);
  const state = exchange.parameters.one('state');
  if (state !== undefined) target.searchParams.append('state', state);
  target.searchParams.append('iss', room.publicUrl);
  response.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
  response.status(302).set('Location', target.href).end();
}
