import { Ajv } from 'ajv';
import express, { type Request, type Response, type Router } from 'express';
import type { WatchedRequest } from '../access/audit/requests.ts';
import { fail, ok, type Result } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import type { Resource } from '../fhir/types.ts';
import type { CdsService } from '../module.ts';
import type { Store } from '../store/types.ts';
import { type HttpAudit, outcomeOf, watchHook } from './audit.ts';
import { jsonBody, readBody } from './body.ts';
import { sendError, statusFor } from './errors.ts';
import type { Privacy } from './privacy.ts';

/** Who may call a service: the EHRs of the configured sites, known by the JWT they sign (CDS Hooks 2.0, trusting CDS clients). */
export interface CdsClients {
  /** The site whose JWT this is; `audience` is the URL of the service called. */
  verify(header: string | undefined, audience: string): Promise<Result<{ siteId: string }>>;
  /** Our patient for the site's patient id; undefined when the child is not known here. */
  patientFor(siteId: string, ehrPatientId: string): Promise<string | undefined>;
  /** Our reference (`Practitioner/…`) for the site's user; undefined when unknown. */
  userFor?(siteId: string, ehrUser: string): Promise<string | undefined>;
}

interface CdsDeps {
  hooks: readonly CdsService[];
  cdsClients: CdsClients;
  audit: HttpAudit;
  store: Store;
  privacy: Privacy;
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
  router.post('/:id', async (request: Request, response: Response) => {
    const watched = watchHook(deps.audit, deps.store, request, String(request.params.id));
    const answer = await call(deps, watched, request, response).catch(async (fault) => {
      await watched.end('failed', 500);
      throw fault;
    });
    const status = answer.ok ? 200 : statusFor(answer.error);
    const held = await watched.end(outcomeOf(status), status);
    const told = held.ok ? answer : held;
    if (told.ok) response.set('Cache-Control', 'no-store').json(told.value);
    else sendError(response, told.error, deps.log);
  });
  return router;
}

async function call(
  deps: CdsDeps,
  watched: WatchedRequest,
  request: Request,
  response: Response,
): Promise<Result<object>> {
  const id = String(request.params.id);
  const caller = await deps.cdsClients.verify(request.get('authorization'), `${deps.publicUrl}/cds-services/${id}`);
  if (!caller.ok) return caller;
  watched.who({ client: caller.value.siteId });
  const service = deps.hooks.find((one) => one.id === id);
  if (!service) return fail('not-found', 'There is no such CDS service.');
  await readBody(request, response);
  const body = jsonBody(request);
  if (!body.ok) return body;
  const hook = hookRequest(body.value);
  if (!hook.ok) return hook;
  if (hook.value.hook !== service.hook)
    return fail('invalid', `This service answers the hook ${service.hook}.`, { code: 'value' });
  const patientId = await deps.cdsClients.patientFor(caller.value.siteId, hook.value.patientId);
  // The hospital's own name for its user.
  if (hook.value.userId !== undefined) watched.who({ person: `${caller.value.siteId}/${hook.value.userId}` });
  if (patientId === undefined) return ok({ cards: [] });
  watched.about({ patients: [patientId] });
  const { userId } = hook.value;
  const shown = await shownTo(caller.value.siteId, userId, deps);
  const cards = await service.cards({ patientId, ehrUser: userId, store: watched.store, ...(shown && { shown }) });
  return cards.ok ? ok({ cards: cards.value.map((card) => ({ ...card, uuid: card.uuid || newId() })) }) : cards;
}

/** A card shows what its reader may see: who is not known to us sees what any clinician does. */
async function shownTo(siteId: string, userId: string | undefined, { privacy, cdsClients }: CdsDeps) {
  const { redactor } = privacy;
  if (!redactor) return undefined;
  const known = userId === undefined ? undefined : await cdsClients.userFor?.(siteId, userId);
  const fhirUser = known?.startsWith('Practitioner') ? known : 'Practitioner/-';
  const reader = { kind: 'user', id: fhirUser, fhirUser, clientId: `cds:${siteId}`, scopes: [] } as const;
  const { view } = await privacy.admit(reader);
  return (resources: readonly Resource[]) => redactor.shown(view?.grants ?? [], resources);
}

/** What of a CDS Hooks 2.0 request we need; more may be there. */
const requestSchema = {
  type: 'object',
  required: ['hook', 'hookInstance', 'context'],
  properties: {
    hook: { type: 'string' },
    hookInstance: { type: 'string' },
    context: {
      type: 'object',
      required: ['patientId'],
      properties: {
        patientId: { type: 'string', minLength: 1, maxLength: 256 },
        userId: { type: 'string', maxLength: 256 },
      },
    },
  },
} as const;

interface HookBody {
  hook: string;
  context: { patientId: string; userId?: string };
}

const isHookBody = new Ajv().compile<HookBody>(requestSchema);

function hookRequest(body: unknown): Result<HookRequest> {
  if (!isHookBody(body)) {
    const place = isHookBody.errors?.[0]?.instancePath.replaceAll('/', '.') ?? '';
    return fail(
      'invalid',
      `This is not a patient-view request of CDS Hooks 2.0: hook, hookInstance and context.patientId are needed${place && ` (see ${place})`}.`,
      { code: 'structure' },
    );
  }
  const { hook, context } = body;
  return ok({ hook, patientId: context.patientId, ...(context.userId !== undefined && { userId: context.userId }) });
}
