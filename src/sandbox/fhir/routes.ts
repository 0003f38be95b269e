import express, { type Request, type Response, type Router } from 'express';
import { limits } from '../../base/limits.ts';
import type { Hospital } from '../hospital.ts';
import { smartConfiguration } from '../oauth/discovery.ts';
import type { Grant } from '../oauth/grants.ts';
import { scopesAllow } from '../oauth/scopes.ts';
import type { Interaction } from '../personality.ts';
import { refuse, sendResource } from './answer.ts';
import { capabilityStatement } from './capability-statement.ts';
import { createPageSessions } from './page-sessions.ts';
import { search } from './search.ts';
import { transaction } from './transaction.ts';
import { bodyOf, create, remove, update } from './write.ts';

type Handler = (grant: Grant, request: Request, response: Response) => Promise<void> | void;

/**
 * In front of every interaction: token, then what the personality offers, then scopes. The resource type is checked
 * here because the router behind takes any first path segment for one.
 */
function gate(hospital: Hospital, interaction: Interaction, handle: Handler) {
  return async (request: Request, response: Response): Promise<void> => {
    const type = String(request.params.type);
    const grant = hospital.grants.bearer(request.get('authorization'));
    if (!grant) {
      response.setHeader('WWW-Authenticate', 'Bearer');
      return refuse(response, 401, 'login', 'A valid access token is needed.');
    }
    const offered = hospital.offered.interactions(type);
    if (offered.length === 0) return refuse(response, 404, 'not-supported', 'This resource type is not offered here.');
    if (!offered.includes(interaction)) {
      return refuse(response, 405, 'not-supported', `The interaction ${interaction} is not offered for ${type}.`);
    }
    // A token from a launch reads one patient's records; writing is for backend services.
    const writes = interaction !== 'read' && interaction !== 'search-type';
    if (!scopesAllow(grant.scopes, type, interaction) || (writes && grant.patient !== undefined)) {
      return refuse(response, 403, 'forbidden', 'The scopes of the access token do not allow this.');
    }
    await handle(grant, request, response);
  };
}

function atBase(hospital: Hospital) {
  return async (request: Request, response: Response): Promise<void> => {
    const grant = hospital.grants.bearer(request.get('authorization'));
    if (!grant) return refuse(response, 401, 'login', 'A valid access token is needed.');
    if (!hospital.personality.transactions) {
      return refuse(response, 405, 'not-supported', 'Batches and transactions are not offered here.');
    }
    const bundle = bodyOf(request);
    if (!bundle) return refuse(response, 400, 'invalid', 'The body is not a FHIR resource in JSON.');
    await transaction(hospital, grant, bundle, response);
  };
}

/** A token with a patient in context reads that patient's records, and those that are about nobody, such as an Organization. */
function mayRead(hospital: Hospital, grant: Grant, type: string, id: string): boolean {
  return grant.patient === undefined || hospital.chart.concernsOnly(type, id, grant.patient);
}

function read(hospital: Hospital): Handler {
  return async (grant, request, response) => {
    const { type = '', id = '' } = request.params as Record<string, string>;
    if (!hospital.chart.has(type, id) || !mayRead(hospital, grant, type, id)) {
      return refuse(response, 404, 'not-found', 'Not found.');
    }
    const { status, resource } = await hospital.chart.read(type, id);
    if (!resource) return refuse(response, status, 'not-found', 'Not found.');
    response.setHeader('ETag', `W/"${resource.meta?.versionId}"`);
    if (resource.meta?.lastUpdated)
      response.setHeader('Last-Modified', new Date(resource.meta.lastUpdated).toUTCString());
    sendResource(response, 200, resource);
  };
}

/** The FHIR server of one hospital, mounted at its base. */
export function fhirRoutes(hospital: Hospital): Router {
  const routes = express.Router();
  const sessions = createPageSessions(hospital.clock);
  const searching = gate(hospital, 'search-type', (grant, request, response) =>
    search(hospital, sessions, grant, request, response),
  );
  routes.use(express.text({ type: () => true, limit: limits.http.bodyBytes }));
  routes.get('/metadata', (_request, response) => sendResource(response, 200, capabilityStatement(hospital)));
  routes.get('/.well-known/smart-configuration', (_request, response) => {
    response.json(smartConfiguration(hospital));
  });
  routes.post('/', atBase(hospital));
  routes.get('/:type', searching);
  routes.post('/:type/_search', searching);
  routes.get('/:type/:id', gate(hospital, 'read', read(hospital)));
  routes.post(
    '/:type',
    gate(hospital, 'create', (_grant, request, response) => create(hospital, request, response)),
  );
  routes.put(
    '/:type/:id',
    gate(hospital, 'update', (_grant, request, response) => update(hospital, request, response)),
  );
  routes.delete(
    '/:type/:id',
    gate(hospital, 'delete', (_grant, request, response) => remove(hospital, request, response)),
  );
  routes.use((request, response) => {
    if (!hospital.grants.bearer(request.get('authorization')))
      return refuse(response, 401, 'login', 'A valid access token is needed.');
    refuse(response, 405, 'not-supported', 'This interaction is not offered here.');
  });
  return routes;
}
