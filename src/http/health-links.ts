import express, { type Request, type Response, type Router } from 'express';
import type { AuditTrail } from '../access/audit/trail.ts';
import type { Result } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { isObject } from '../fhir/search/walk-path.ts';
import { sendError, statusFor } from './errors.ts';

/** What whoever follows a link is answered; the room that has the links decides. */
export type Opening =
  | { kind: 'file'; jwe: string; patientId: string; linkId: string }
  | { kind: 'location'; ticket: string; patientId: string; linkId: string }
  | { kind: 'wrong-passcode'; remainingAttempts: number; patientId: string; linkId: string }
  | { kind: 'absent'; patientId?: string; linkId?: string };

export interface HealthLinks {
  manifest(
    secret: string,
    asked: { passcode: string | undefined; embeddedLengthMax?: number; requestId: string },
  ): Promise<Result<Opening>>;
  direct(secret: string, asked: { requestId: string }): Promise<Result<Opening>>;
  file(ticket: string): Promise<Result<Opening>>;
}

interface Deps {
  links: HealthLinks;
  trail: AuditTrail;
  /** Without a trailing slash. */
  publicUrl: string;
  log: Logger;
}

const secretShape = /^[A-Za-z0-9_-]{43}$/;
const recipientMax = 200;
const body = express.json({ limit: '4kb', type: ['application/json'] });

/**
 * The door for SMART Health Links (HL7, 1.0), which nobody signs in at: `POST /shl/[secret]` (manifest), `GET /shl/[secret]` (the one file of a
 * link with flag U), `GET /shl/file/[ticket]`. The address is the right to come in, so it stands in no log and no audit entry. Each opening and each
 * wrong passcode is in the audit trail before it is answered.
 */
export function healthLinks(deps: Deps): Router {
  const router = express.Router();
  router.use((_request, response, next) => {
    response.set({ 'Access-Control-Allow-Origin': '*', 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
    next();
  });
  router.options('/{*any}', (_request, response) => {
    response.set('Access-Control-Allow-Methods', 'GET, POST').set('Access-Control-Allow-Headers', 'Content-Type');
    response.status(204).end();
  });
  router.get('/file/:ticket', (request, response) =>
    answer(deps, request, response, () => deps.links.file(secretOf(request.params.ticket))),
  );
  router.get('/:secret', (request, response) => {
    if (!isRecipient(request.query.recipient)) return refuse(response, 'recipient says in words who asks.');
    const requestId = String(response.locals.requestId);
    return answer(deps, request, response, () => deps.links.direct(secretOf(request.params.secret), { requestId }));
  });
  router.post('/:secret', body, (request, response) => {
    const asked = readAsked(request.body);
    if (typeof asked === 'string') return refuse(response, asked);
    const requestId = String(response.locals.requestId);
    const secret = secretOf(request.params.secret);
    return answer(deps, request, response, () => deps.links.manifest(secret, { ...asked, requestId }), true);
  });
  return express.Router().use('/shl', router);
}

/** A text that can be no secret is that of no link. */
function secretOf(text: string | undefined): string {
  return text !== undefined && secretShape.test(text) ? text : '';
}

function isRecipient(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '' && value.length <= recipientMax;
}

function readAsked(given: unknown): { passcode: string | undefined; embeddedLengthMax?: number } | string {
  if (!isObject(given)) return 'A manifest is asked for by a JSON object.';
  const { recipient, passcode, embeddedLengthMax } = given;
  if (!isRecipient(recipient)) return 'recipient says in words who asks.';
  if (passcode !== undefined && typeof passcode !== 'string') return 'passcode is a text.';
  if (embeddedLengthMax === undefined) return { passcode };
  if (typeof embeddedLengthMax !== 'number' || !Number.isSafeInteger(embeddedLengthMax) || embeddedLengthMax < 0)
    return 'embeddedLengthMax is a whole number.';
  return { passcode, embeddedLengthMax };
}

function refuse(response: Response, error: string): void {
  response.status(400).json({ error });
}

async function answer(
  deps: Deps,
  request: Request,
  response: Response,
  open: () => Promise<Result<Opening>>,
  isManifest = false,
): Promise<void> {
  const opened = await open();
  const status = opened.ok ? statusOf(opened.value) : statusFor(opened.error);
  const held = await record(deps, request, response, opened.ok ? opened.value : { kind: 'absent' }, status);
  const told = held.ok ? opened : held;
  if (!told.ok) return sendError(response, told.error, deps.log);
  const { value } = told;
  if (value.kind === 'wrong-passcode') response.status(401).json({ remainingAttempts: value.remainingAttempts });
  else if (value.kind === 'absent') response.status(404).json({ error: 'There is no such link.' });
  else if (value.kind === 'location')
    response.json({ files: [{ contentType, location: `${deps.publicUrl}/shl/file/${value.ticket}` }] });
  else if (isManifest) response.json({ files: [{ contentType, embedded: value.jwe }] });
  else response.type('application/jose').send(value.jwe);
}

const contentType = 'application/fhir+json';

function statusOf({ kind }: Opening): number {
  if (kind === 'wrong-passcode') return 401;
  return kind === 'absent' ? 404 : 200;
}

/** Of a link that is not there nobody is told: it is of no child. */
async function record(
  { trail }: Deps,
  request: Request,
  response: Response,
  { patientId }: Opening,
  status: number,
): Promise<Result<void>> {
  if (patientId === undefined) return { ok: true, value: undefined };
  return trail.record({
    act: 'operation',
    outcome: status === 200 ? 'success' : 'refused',
    who: { client: 'health-link', ...(request.ip !== undefined && { address: request.ip }) },
    requestId: String(response.locals.requestId),
    status,
    patients: [patientId],
    touched: [`Patient/${patientId}`],
    detail: 'emergency-link',
  });
}
