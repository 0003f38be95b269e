import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler, type Express } from 'express';
import { type Clock, systemClock } from '../base/clock.ts';
import { createGuardedFetch, type GuardedFetch } from '../base/guarded-fetch.ts';
import { chartRoutes } from './chart/routes.ts';
import { outcome, sendResource } from './fhir/answer.ts';
import { openDefinitions } from './fhir/definitions.ts';
import { fhirRoutes } from './fhir/routes.ts';
import type { AppClient, Hospital } from './hospital.ts';
import { createClientKeys } from './oauth/client-keys.ts';
import { oauthRoutes } from './oauth/routes.ts';
import { type HospitalOptions, openHospital } from './open-hospital.ts';

export interface SandboxOptions {
  /** Origin under which the sandbox is reached, e.g. `http://127.0.0.1:8090`; every link it gives starts with it. */
  publicUrl: string;
  hospitals: readonly HospitalOptions[];
  clients?: readonly AppClient[];
  /** Addresses of CDS Hooks `patient-view` services shown in each chart. */
  cdsServices?: readonly string[];
  /** Where keys and what clients write are kept; absent: memory only. */
  stateDir?: string;
  clock?: Clock;
}

export interface Sandbox {
  app: Express;
  hospitals: readonly Hospital[];
  close(): Promise<void>;
}

const onFault: ErrorRequestHandler = (error, _request, response, _next) => {
  const status = error?.status === 413 ? 413 : error?.status === 400 ? 400 : 500;
  sendResource(
    response,
    status,
    outcome(status === 500 ? 'exception' : 'invalid', 'The request could not be handled.'),
  );
};

function mount(app: Express, hospital: Hospital, fetch: GuardedFetch): void {
  const at = `/ehr/${hospital.id}`;
  app.use(at, oauthRoutes(hospital, createClientKeys(fetch, hospital.clock)));
  app.use(`${at}/fhir`, fhirRoutes(hospital));
  app.use(at, chartRoutes(hospital, fetch));
}

/** Builds the hospitals and the express app that serves them. Throws when a bundle cannot be read. */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const clock = options.clock ?? systemClock;
  const definitions = openDefinitions();
  const cdsServices = options.cdsServices ?? [];
  // Loopback is the point of a sandbox; nobody outside the CDS services is ever given a token.
  const fetch = createGuardedFetch({
    allowedOrigins: cdsServices.map((url) => new URL(url).origin),
    allowLoopback: true,
  });
  const around = { ...options, clients: options.clients ?? [], cdsServices, definitions, clock };
  const hospitals = await Promise.all(options.hospitals.map((hospital) => openHospital(hospital, around)));
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  for (const hospital of hospitals) mount(app, hospital, fetch);
  app.use(onFault);
  return { app, hospitals, close: () => fetch.close() };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/**
 * Serves a sandbox on 127.0.0.1. The port is taken before anything is loaded, so that a taken one is known at once;
 * port 0 takes a free one. `close` waits for requests under way.
 */
export async function listenSandbox(
  options: Omit<SandboxOptions, 'publicUrl'> & { port: number },
): Promise<Sandbox & { url: string }> {
  let app: Express | undefined;
  const server = createServer((request, response) => {
    if (app) app(request, response);
    else response.writeHead(503, { 'Retry-After': '1' }).end();
  });
  const url = `http://127.0.0.1:${await listen(server, options.port)}`;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
    });
  try {
    const sandbox = await createSandbox({ ...options, publicUrl: url });
    app = sandbox.app;
    const close = async () => {
      await stop();
      await sandbox.close();
    };
    return { ...sandbox, url, close };
  } catch (error) {
    await stop();
    throw error;
  }
}
