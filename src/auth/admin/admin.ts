import { json, type Request, type Response, Router } from 'express';
import type { AuditEntry } from '../../access/audit/entry.ts';
import type { Principal } from '../../access/types.ts';
import type { ErrorKind } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { AuthRoom } from '../room.ts';
import { tell } from '../tell.ts';
import { neverStored } from '../token-request.ts';
import { mayAdminister } from './right.ts';
import { type AdminRoute, adminRoutes } from './routes.ts';

const statuses: Partial<Record<ErrorKind, number>> = { invalid: 400, 'not-found': 404, conflict: 409, busy: 503 };

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
    const call = { id: typeof id === 'string' ? id : '', query, body: bodyOf(request) };
    // TH-66: who did what is in the trail before it happens; when it cannot be, it does not happen.
    if (!(await tell(entryOf(route, call.id, response), request, response, room))) return;
    const answer = await route.answer(call, room);
    if (answer.ok) response.status(route.status ?? 200).json(answer.value);
    else
      response.status(statuses[answer.error.kind] ?? 500).json({ error: answer.error.issues[0]?.text ?? 'Refused.' });
  };
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
