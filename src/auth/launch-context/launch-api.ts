import type { Request, RequestHandler, Response } from 'express';
import type { AuthRoom } from '../room.ts';
import { askerOf } from './asker.ts';
import { launchFor } from './launch-for.ts';
import { launchFromTask } from './launch-task.ts';
import { readLaunch, readServiceLaunch, readTaskLaunch } from './read-context.ts';

/**
 * POST /auth/launch-context (SC-050): a launch id for one client, one person and one child. Asked for by a person who is signed in (JSON from our
 * own pages only: another site's page cannot send that without being asked first), by an app in a person's name, or by a record system's
 * client, which names the person. With `task` (SC-190) the app, the child and what the app shall know are those of a Task that asks for the
 * launch (SMART App Launch 2.2, "Task profile for requesting SMART launch").
 */
export function launchContextEndpoint(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    response.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
    const asker = await askerOf(request, room);
    if (!asker) return refuse(response, 401, 'Sign in, or send the access token of a client that may launch apps.');
    const body = bodyOf(request);
    const task = readTaskLaunch(body);
    if (task && !task.ok) return refuse(response, 400, task.error.issues[0]?.text ?? '');
    const asked = task ? await launchFromTask(task.value, asker, room) : readLaunch(body);
    if (!asked.ok) return refuse(response, 400, asked.error.issues[0]?.text ?? '');
    if ('standalone' in asked.value) {
      response.json({ launch_urls: [asked.value.standalone], iss: room.fhirBaseUrl });
      return;
    }
    const made = await launchFor(asked.value, asker, room);
    if ('problem' in made) return refuse(response, made.status, made.problem);
    response.status(201).json(made);
  };
}

/**
 * POST <FHIR base>/_services/smart/Launch (SC-191): what the CDS Hooks sandbox and its kin call before they follow a `smart` link of a card,
 * `{ launchUrl, parameters: { patient, appContext … } }`, answered with `{ launch_id }`. No standard; the same launch as above.
 */
export function servicesLaunchEndpoint(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    response.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
    const asker = request.headers.authorization === undefined ? undefined : await askerOf(request, room);
    if (!asker) return refuse(response, 401, 'Send the access token of a client that may launch apps.');
    const asked = readServiceLaunch(bodyOf(request));
    if (!asked.ok) return refuse(response, 400, asked.error.issues[0]?.text ?? '');
    const made = await launchFor(asked.value, asker, room);
    if ('problem' in made) return refuse(response, made.status, made.problem);
    response.json({ launch_id: made.launch, expires_in: made.expires_in });
  };
}

function bodyOf(request: Request): unknown {
  try {
    return typeof request.body === 'string' ? JSON.parse(request.body) : undefined;
  } catch {
    return undefined;
  }
}

function refuse(response: Response, status: number, text: string): void {
  if (status === 401) response.set('WWW-Authenticate', 'Bearer');
  response.status(status).json({ error: 'invalid_request', error_description: text });
}
