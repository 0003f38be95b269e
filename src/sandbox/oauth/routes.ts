import express, { type Router } from 'express';
import type { Hospital } from '../hospital.ts';
import { authorize } from './authorize.ts';
import type { ClientKeys } from './client-keys.ts';
import { openidConfiguration } from './discovery.ts';
import { token } from './token.ts';

const formBytes = 64 * 1024;

/** The authorization server of one hospital, mounted at `/ehr/<hospital>`. */
export function oauthRoutes(hospital: Hospital, clientKeys: ClientKeys): Router {
  const routes = express.Router();
  const form = express.text({ type: () => true, limit: formBytes });
  routes.get('/jwks.json', (_request, response) => {
    response.set('Cache-Control', 'max-age=300').json(hospital.keys.jwks());
  });
  routes.get('/fhir/.well-known/openid-configuration', (_request, response) => {
    response.json(openidConfiguration(hospital));
  });
  routes.get('/oauth/authorize', (request, response) => authorize(hospital, request, response));
  routes.post('/oauth/authorize', form, (request, response) => authorize(hospital, request, response));
  routes.post('/oauth/token', form, (request, response) => token(hospital, clientKeys, request, response));
  return routes;
}
