import type { Request, Response } from 'express';
import { parseJson } from '../../fhir/json.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Hospital } from '../hospital.ts';
import { refuse, sendResource } from './answer.ts';
import type { Answer } from './chart.ts';
import { refusalOfWrite } from './write-rules.ts';

export function bodyOf(request: Request): Resource | undefined {
  try {
    const body = parseJson(typeof request.body === 'string' ? request.body : '');
    return typeof body === 'object' && body !== null && 'resourceType' in body ? (body as Resource) : undefined;
  } catch {
    return undefined;
  }
}

async function settle(hospital: Hospital, answer: Answer, response: Response): Promise<void> {
  const { resource, status } = answer;
  if (!resource) return sendResource(response, status, { ...answer.outcome } as Resource);
  // Journaled before it is answered: what a client was told is stored survives a restart.
  hospital.journal.wrote(resource);
  if (resource.resourceType === 'Patient') await hospital.refreshRoster();
  response.setHeader('ETag', `W/"${resource.meta?.versionId}"`);
  if (resource.meta?.lastUpdated)
    response.setHeader('Last-Modified', new Date(resource.meta.lastUpdated).toUTCString());
  if (status === 201) response.setHeader('Location', `${hospital.base}/${resource.resourceType}/${resource.id}`);
  if (hospital.personality.emptyWriteAnswers) response.status(status).end();
  else sendResource(response, status, resource);
}

export async function create(hospital: Hospital, request: Request, response: Response): Promise<void> {
  const resource = bodyOf(request);
  if (!resource) return refuse(response, 400, 'invalid', 'The body is not a FHIR resource in JSON.');
  const refusal = refusalOfWrite(hospital, String(request.params.type), resource);
  if (refusal) return refuse(response, refusal.status, refusal.code, refusal.text);
  const condition = hospital.personality.conditionalCreate ? request.get('if-none-exist') : undefined;
  await settle(hospital, await hospital.chart.create(resource, condition), response);
}

export async function update(hospital: Hospital, request: Request, response: Response): Promise<void> {
  const { type = '', id = '' } = request.params as Record<string, string>;
  const resource = bodyOf(request);
  if (!resource) return refuse(response, 400, 'invalid', 'The body is not a FHIR resource in JSON.');
  if (resource.id !== id) return refuse(response, 400, 'invalid', 'The id of the body is not the id of the address.');
  const ifMatch = request.get('if-match');
  if (!ifMatch && hospital.personality.updateNeedsIfMatch) {
    return refuse(response, 400, 'required', 'An update needs If-Match with the version it changes.');
  }
  if (!hospital.chart.has(type, id)) return refuse(response, 404, 'not-found', 'Not found.');
  const refusal = refusalOfWrite(hospital, type, resource);
  if (refusal) return refuse(response, refusal.status, refusal.code, refusal.text);
  await settle(hospital, await hospital.chart.update(resource, ifMatch), response);
}

export async function remove(hospital: Hospital, request: Request, response: Response): Promise<void> {
  const { type = '', id = '' } = request.params as Record<string, string>;
  const answer = await hospital.chart.remove(type, id);
  if (answer.status !== 200) return sendResource(response, answer.status, { ...answer.outcome } as Resource);
  hospital.journal.removed(type, id);
  if (type === 'Patient') await hospital.refreshRoster();
  response.status(204).end();
}
