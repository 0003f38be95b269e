import { fail, ok, type Result } from '../../base/errors.ts';
import type { GrantFilter } from '../grants.ts';
import type { AuthRoom } from '../room.ts';
import { readNewClient } from './new-client.ts';
import { clientView, grantView, keyView, requestView } from './views.ts';

/** One call of the admin API, read and allowed. */
export interface AdminCall {
  /** The id in the path, where the route has one. */
  id: string;
  query: URLSearchParams;
  /** The JSON body; empty when there was none. */
  body: Readonly<Record<string, unknown>>;
  /** Who calls; a machine is no person. */
  who: { clientId: string; fhirUser?: string; accountId?: string };
}

export interface AdminRoute {
  method: 'GET' | 'POST';
  /** Below /admin; `:id` stands for an id. */
  path: string;
  status?: 201;
  /** It gives somebody something: with administration by two, another person confirms it. What takes away is done at once. */
  gives?: true;
  /** What can be said against a call before anybody has looked. */
  check?(call: AdminCall): Result<unknown>;
  answer(call: AdminCall, room: AuthRoom): Promise<Result<object>>;
}

const noClient = fail('not-found', 'There is no such client.');
const noRequest = fail('not-found', 'There is no such request, or it has expired, or was decided.');

/** Everything that can be asked of the admin API. */
export const adminRoutes: readonly AdminRoute[] = [
  {
    method: 'GET',
    path: '/clients',
    answer: async (_call, room) => ok({ clients: (await room.clients.list()).map(clientView) }),
  },
  {
    method: 'POST',
    path: '/clients',
    status: 201,
    gives: true,
    check: ({ body }) => readNewClient(body),
    answer: addClient,
  },
  {
    method: 'GET',
    path: '/clients/:id',
    async answer({ id }, room) {
      const client = await room.clients.find(id);
      return client ? ok(clientView(client)) : noClient;
    },
  },
  {
    method: 'POST',
    path: '/clients/:id/deactivate',
    answer: async ({ id }, room) =>
      (await room.clients.deactivate(id)) ? ok({ client_id: id, active: false }) : noClient,
  },
  {
    method: 'POST',
    path: '/clients/:id/secrets',
    status: 201,
    gives: true,
    async answer({ id, body }, room) {
      const client = await room.clients.find(id);
      if (!client) return noClient;
      if (client.type !== 'symmetric') return fail('invalid', 'This client has no secret: it is not symmetric.');
      const secret = await room.clientSecrets.add(id, { alone: body.alone === true });
      return ok({ client_id: id, client_secret: secret });
    },
  },
  {
    method: 'GET',
    path: '/keys',
    answer: async (_call, room) => ok({ keys: (await room.keyRotation.list()).map(keyView) }),
  },
  {
    method: 'POST',
    path: '/keys/rotate',
    status: 201,
    async answer({ body }, room) {
      const made = await room.keyRotation.rotate({ compromised: body.compromised === true });
      return made.ok ? ok(keyView(made.value)) : made;
    },
  },
  {
    method: 'GET',
    path: '/grants',
    async answer({ query }, room) {
      const filter = filterOf(query);
      return filter.ok ? ok({ grants: (await room.grants.list(filter.value)).map(grantView) }) : filter;
    },
  },
  {
    method: 'POST',
    path: '/grants/:id/revoke',
    async answer({ id }, room) {
      const count = await room.grants.revoke({ id });
      return count > 0 ? ok({ revoked: count }) : fail('not-found', 'There is no such grant.');
    },
  },
  {
    method: 'GET',
    path: '/requests',
    answer: async (_call, room) => ok({ requests: (await room.adminRequests.list()).map(requestView) }),
  },
  { method: 'POST', path: '/requests/:id/confirm', answer: confirm },
  {
    method: 'POST',
    path: '/requests/:id/refuse',
    answer: async ({ id }, room) =>
      (await room.adminRequests.find(id)) && (await room.adminRequests.take(id))
        ? ok({ request: id, refused: true })
        : noRequest,
  },
];

/** A route's name in the requests that wait. */
export function nameOf({ method, path }: AdminRoute): string {
  return `${method} ${path}`;
}

/** TH-66: done by two. Whoever asked does not confirm, whatever record of theirs they use; nor does a machine. Done once. */
async function confirm({ id, who }: AdminCall, room: AuthRoom): Promise<Result<object>> {
  const request = await room.adminRequests.find(id);
  const route = adminRoutes.find((one) => nameOf(one) === request?.route);
  if (!request || !route) return noRequest;
  const { fhirUser, accountId } = who;
  if (fhirUser === undefined || accountId === undefined) return fail('forbidden', 'A person confirms, not a machine.');
  if (request.fhirUser === fhirUser || request.accountId === accountId)
    return fail('forbidden', 'Another person than the one who asked has to confirm.');
  if (!(await room.adminRequests.take(id))) return noRequest;
  return route.answer({ id: request.target, query: new URLSearchParams(), body: request.body, who }, room);
}

async function addClient({ body }: AdminCall, room: AuthRoom): Promise<Result<object>> {
  const wanted = readNewClient(body);
  if (!wanted.ok) return wanted;
  const added = await room.clients.add(wanted.value);
  if (!added.ok) return added;
  const shown = clientView(added.value);
  // Told here, and never again.
  if (added.value.type !== 'symmetric') return ok(shown);
  return ok({ ...shown, client_secret: await room.clientSecrets.add(added.value.id) });
}

const filters: Readonly<Record<string, 'fhirUser' | 'patientId' | 'clientId'>> = {
  user: 'fhirUser',
  patient: 'patientId',
  client: 'clientId',
};

function filterOf(query: URLSearchParams): Result<GrantFilter> {
  const filter: GrantFilter = {};
  for (const [name, value] of query) {
    const part = Object.hasOwn(filters, name) ? filters[name] : undefined;
    if (!part || filter[part] !== undefined)
      return fail('invalid', 'Grants are asked for by user, patient and client, each once.');
    filter[part] = value;
  }
  return ok(filter);
}
