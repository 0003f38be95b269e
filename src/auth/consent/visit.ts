import type { Request, Response } from 'express';
import type { Exchange } from '../checks/exchange.ts';
import { runChecks } from '../checks/index.ts';
import { formToken, isFormToken } from '../form-token.ts';
import { type Html, html } from '../html.ts';
import { sendPage } from '../page.ts';
import { type Parameters, queryText, readParameters } from '../parameters.ts';
import type { Refusal } from '../refusal.ts';
import type { AuthRoom } from '../room.ts';
import { wordsOf } from '../words/language.ts';
import { type Transaction, transactionCookie } from './transactions.ts';

/** A browser that comes back to a request that waits for its person. */
export interface Visit {
  transaction: Transaction;
  exchange: Exchange;
  /** What the request is refused for by now, e.g. because its client was deactivated meanwhile. */
  refusal: Refusal | undefined;
}

/** The cookies of who is signed in, as sent. */
export function sessionCookiesOf(request: Request, room: AuthRoom): Pick<Exchange, 'accountCookie'> {
  return { accountCookie: room.cookies.read(request, 'account') };
}

/** The open transaction that this browser names, with its request taken through all checks again. */
export async function findVisit(
  request: Request,
  room: AuthRoom,
  { id, sessionCookie }: { id: string | undefined; sessionCookie: string | undefined },
): Promise<Visit | undefined> {
  const cookie = id === undefined ? undefined : room.cookies.read(request, transactionCookie(id));
  const transaction = await room.transactions.find(id, cookie);
  if (!transaction) return undefined;
  const exchange: Exchange = {
    endpoint: 'authorize',
    parameters: readParameters(transaction.parameters),
    sessionCookie,
    ...sessionCookiesOf(request, room),
  };
  return { transaction, exchange, refusal: await runChecks(exchange, room) };
}

/** The parameters of a GET or POST to one of our pages. */
export function pageParameters(request: Request): Parameters {
  if (request.method === 'POST') return readParameters(typeof request.body === 'string' ? request.body : '');
  return readParameters(queryText(request.originalUrl));
}

/** Fields of every form within a transaction: which one, and that the form is ours. */
export function transactionFields({ id, cookie }: Transaction): Html {
  return html`<input type="hidden" name="t" value="${id}"><input type="hidden" name="token" value="${formToken('transaction', cookie)}">`;
}

export function isOurForm(parameters: Parameters, { cookie }: Transaction): boolean {
  return isFormToken(parameters.one('token'), 'transaction', cookie);
}

/** An address of ours within a transaction. */
export function pageUrl(room: AuthRoom, path: string, transactionId?: string): string {
  return `${room.publicUrl}/auth/${path}${transactionId === undefined ? '' : `?t=${transactionId}`}`;
}

/** The same, from one of our pages to another: where a page is asked for again in another language. */
export function pageStay(path: string, transactionId?: string): string {
  return transactionId === undefined ? path : `${path}?t=${transactionId}`;
}

/** Where a page's forms may end up: at the app, when that is the next stop after us. */
export function formTargetOf(redirectUri: string | undefined): string | undefined {
  if (redirectUri === undefined || !URL.canParse(redirectUri)) return undefined;
  const { origin, protocol } = new URL(redirectUri);
  return origin === 'null' ? protocol : origin;
}

/** The same for a page that only knows which request it is on the way to. */
export async function formTargetOnTheWay(
  request: Request,
  room: AuthRoom,
  id: string | undefined,
): Promise<string | undefined> {
  const waiting = await room.transactions.find(id, id && room.cookies.read(request, transactionCookie(id)));
  return formTargetOf(waiting && readParameters(waiting.parameters).one('redirect_uri'));
}

/** For a request that is over, or was never this browser's. */
export function sendOver(response: Response): void {
  const { overTitle: title, over: text } = wordsOf(response).errors;
  sendPage(response, { status: 400, title, text, stay: 'continue' });
}
