import { json, type Request, type Response, Router } from 'express';
import type { AuditEntry } from '../../access/audit/entry.ts';
import type { Principal } from '../../access/types.ts';
import { type ErrorKind, ok } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { AuthRoom } from '../room.ts';
import { tell } from '../tell.ts';
import { neverStored } from '../token-request.ts';
import { mayAdminister } from './right.ts';
import { type AdminCall, type AdminRoute, adminRoutes, nameOf } from './routes.ts';
import { codeHeader, steppedUp } from './step-up.ts';
import { requestView } from './views.ts';

/** RFC 9470: the token is good, and more than the token is needed. */
const stepUpChallenge = 'Bearer realm="careweave", error="insufficient_user_authentication"';

const statuses: Partial<Record<ErrorKind, number>> = {
  invalid: 400,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  busy: 503,
};

/**
 * /admin/…: JSON in, JSON out, stored by nobody. Without a good token 401; with one that has not the right 403, the same for every path, so
 * that nobody learns what there is.
 */
export function adminRouter(room: AuthRoom): Router {
  const router = Router();
  router.use(async (request, response, next) => {
    neverStored(response);
    const principal = await room.tokens.verifyBearer(request.get('authorization'));
    if (!principal.ok) {
      response.status(401).set('WWW-Authenticate', 'Bearer realm="careweave"');
      return response.json({ error: 'An access token is needed.' });
    }
    if (!(await mayAdminister(principal.value, room))) return response.status(403).json({ error: 'Not allowed.' });
    response.locals.administrator = principal.value;
    next();
  });
  router.use(json({ limit: limits.auth.formBytes, strict: true }));
  for (const route of adminRoutes) {
    const handle = handler(route, room);
    if (route.method === 'GET') router.get(route.path, handle);
    else router.post(route.path, handle);
  }
  router.use((_request, response) => {
    response.status(404).json({ error: 'There is nothing at this address.' });
  });
  return router;
}

function handler(route: AdminRoute, room: AuthRoom) {
  return async (request: Request, response: Response): Promise<void> => {
    const { id } = request.params;
    const start = request.originalUrl.indexOf('?');
    const query = new URLSearchParams(start < 0 ? '' : request.originalUrl.slice(start));
    const { clientId, fhirUser }: Principal = response.locals.administrator;
    const named = typeof id === 'string' ? id : '';
    const entry = entryOf(route, named, response);
    const proved = route.method === 'GET' ? ok({}) : await steppedUp(fhirUser, request.get(codeHeader), room);
    if (!proved.ok) {
      if (!(await tell({ ...entry, outcome: 'refused' }, request, response, room))) return;
      response.status(401).set('WWW-Authenticate', stepUpChallenge);
      response.json({ error: proved.error.issues[0]?.text });
      return;
    }
    const who = { clientId, ...(fhirUser !== undefined && { fhirUser }), ...proved.value };
    const call = { id: named, query, body: bodyOf(request), who };
    // TH-66: who did what is in the trail before it happens; when it cannot be, it does not happen.
    if (!(await tell(entry, request, response, room))) return;
    const answer = await answerOf(route, call, room);
    if (answer.ok) response.status(answer.value.status).json(answer.value.body);
    else
      response.status(statuses[answer.error.kind] ?? 500).json({ error: answer.error.issues[0]?.text ?? 'Refused.' });
  };
}

/** What gives somebody something waits for a second person where the house wants that. */
async function answerOf(route: AdminRoute, call: AdminCall, room: AuthRoom) {
  const checked = route.check?.(call);
  if (checked && !checked.ok) return checked;
  if (route.gives && (await room.adminRequests.areNeeded())) {
    const { id: target, body, who } = call;
    const kept = await room.adminRequests.add({ route: nameOf(route), target, body, ...who });
    return ok({ status: 202, body: requestView(kept) });
  }
  const answer = await route.answer(call, room);
  return answer.ok ? ok({ status: route.status ?? 200, body: answer.value }) : answer;
}

function entryOf(route: AdminRoute, id: string, response: Response): AuditEntry {
  const { clientId, fhirUser }: Principal = response.locals.administrator;
  const place = route.path.replace(':id', /^[\w.-]{1,128}$/.test(id) ? id : 'id');
  return {
    act: 'administration',
    outcome: 'success',
    who: { client: clientId, ...(fhirUser !== undefined && { person: fhirUser }) },
    detail: `${route.method} /admin${place}`,
  };
}

function bodyOf(request: Request): Readonly<Record<string, unknown>> {
  const body: unknown = request.body;
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body } : {};
}
