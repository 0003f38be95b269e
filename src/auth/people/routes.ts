import { type RequestHandler, Router, text } from 'express';
import { limits } from '../../base/limits.ts';
import { allowEndpoint } from '../consent/allow.ts';
import { chooseEndpoint } from '../consent/choose.ts';
import { continueEndpoint } from '../consent/continue.ts';
import type { LaunchRoom } from '../ehr-launch/launch-room.ts';
import { launchContextEndpoint } from '../launch-context/launch-api.ts';
import { managePage, revokeEndpoint } from '../manage/manage.ts';
import { accountEndpoint, accountPage, signOutEndpoint } from './account-page.ts';
import { enrolEndpoint, enrolPage } from './enrol.ts';
import { secondFactorEndpoint, secondFactorPage } from './second-factor.ts';
import { setUpEndpoint, setUpPage } from './set-up.ts';
import { signInEndpoint, signInPage } from './sign-in.ts';
import { upstreamCallback, upstreamEndpoint } from './upstream.ts';

/** Every page for people, under /auth. `form` reads a form's body as text. */
export function peopleRoutes(room: LaunchRoom, form: RequestHandler): Router {
  const router = Router();
  router.route('/sign-in').get(signInPage(room)).post(form, signInEndpoint(room));
  router.route('/second-factor').get(secondFactorPage(room)).post(form, secondFactorEndpoint(room));
  router.route('/set-up').get(setUpPage(room)).post(form, setUpEndpoint(room));
  router.route('/enrol').get(enrolPage(room)).post(form, enrolEndpoint(room));
  router.route('/account').get(accountPage(room)).post(form, accountEndpoint(room));
  router.post('/sign-out', form, signOutEndpoint(room));
  router.get('/upstream/callback', upstreamCallback(room));
  router.get('/upstream/:provider', upstreamEndpoint(room));
  router.get('/continue', continueEndpoint(room));
  router.post('/choose', form, chooseEndpoint(room));
  router.post('/allow', form, allowEndpoint(room));
  const json = text({ type: 'application/json', limit: limits.people.launchContextBytes });
  router.post('/launch-context', json, launchContextEndpoint(room));
  router.route('/manage').get(managePage(room)).post(form, revokeEndpoint(room));
  return router;
}
