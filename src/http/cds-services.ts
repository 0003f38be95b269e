import express, { type Request, type Response, type Router } from 'express';
import { fail, ok, type Result } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import type { CdsService } from '../module.ts';
import type { Store } from '../store/types.ts';
import { jsonBody, readBody } from './body.ts';
import { sendError } from './errors.ts';

/** Who may call a service: the EHRs of the configured sites, known by the JWT they sign (CDS Hooks 2.0, trusting CDS clients). */
export interface CdsClients {
  /** The site whose JWT this is; `audience` is the URL of the service called. */
  verify(header: string | undefined, audience: string): Promise<Result<{ siteId: string }>>;
  /** Our patient for the site's patient id; undefined when the child is not known here. */
  patientFor(siteId: string, ehrPatientId: string): Promise<string | undefined>;
}

interface CdsDeps {
  hooks: readonly CdsService[];
  cdsClients: CdsClients;
  store: Store;
  publicUrl: string;
  log: Logger;
}

interface HookRequest {
  hook: string;
  patientId: string;
  userId?: string;
}

/** `GET /cds-services` (discovery, open) and `POST /cds-services/[id]`. Source: CDS Hooks 2.0. */
export function cdsServices(deps: CdsDeps): Router {
  const router = express.Router();
  router.get('/', (_request, response) => {
    const services = deps.hooks.map(({ id, hook, title, description }) => ({ id, hook, title, description }));
    response.set('Access-Control-Allow-Origin', '*').json({ services });
  });
  router.post('/:id', readBody(), async (request: Request, response: Response) => {
    const answer = await call(deps, String(request.params.id), request);
    if (answer.ok) response.set('Cache-Control', 'no-store').json(answer.value);
    else sendError(response, answer.error, deps.log);
  });
  return router;
}

async function call(deps: CdsDeps, id: string, request: Request): Promise<Result<object>> {
  const caller = await deps.cdsClients.verify(request.get('authorization'), `${deps.publicUrl}/cds-services/${id}`);
  if (!caller.ok) return caller;
  const service = deps.hooks.find((one) => one.id === id);
  if (!service) return fail('not-found', 'There is no such CDS service.');
  const body = jsonBody(request);
  if (!body.ok) return body;
  const hook = hookRequest(body.value);
  if (!hook.ok) return hook;
  if (hook.value.hook !== service.hook)
    return fail('invalid', `This service answers the hook ${service.hook}.`, { code: 'value' });
  const patientId = await deps.cdsClients.patientFor(caller.value.siteId, hook.value.patientId);
  if (patientId === undefined) return ok({ cards: [] });
  const cards = await service.cards({ patientId, ehrUser: hook.value.userId, store: deps.store });
  return cards.ok ? ok({ cards: cards.value.map((card) => ({ ...card, uuid: card.uuid || newId() })) }) : cards;
}

function hookRequest(body: unknown): Result<HookRequest> {
  if (
    typeof body !== 'object' ||
    body === null ||
    !('hook' in body) ||
    !('context' in body) ||
    !('hookInstance' in body)
  ) {
    return fail('invalid', 'A CDS Hooks request needs hook, hookInstance and context.', { code: 'required' });
  }
  const { hook, context } = body;
  if (typeof hook !== 'string' || typeof context !== 'object' || context === null || !('patientId' in context)) {
    return fail('invalid', 'The context of patient-view needs patientId.', { code: 'required' });
  }
  if (typeof context.patientId !== 'string')
    return fail('invalid', 'context.patientId must be text.', { code: 'value' });
  const request: HookRequest = { hook, patientId: context.patientId };
  if ('userId' in context && typeof context.userId === 'string') request.userId = context.userId;
  return ok(request);
}
