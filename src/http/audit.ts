import type { Request, Response } from 'express';
import type { Act } from '../access/audit/acts.ts';
import type { Outcome } from '../access/audit/entry.ts';
import type { Requests, WatchedRequest } from '../access/audit/requests.ts';
import type { Sealer } from '../access/audit/seal.ts';
import type { AuditTrail } from '../access/audit/trail.ts';
import type { Result } from '../base/errors.ts';
import { parseJson } from '../fhir/json.ts';
import { parseReference } from '../fhir/references.ts';
import { isObject } from '../fhir/search/walk-path.ts';
import type { Resource } from '../fhir/types.ts';
import type { Store } from '../store/types.ts';
import type { FhirRequest, FhirResponse } from './fhir-request.ts';
import type { Route } from './route.ts';

/** The audit trail as the edge uses it. */
export interface HttpAudit {
  requests: Requests;
  trail: AuditTrail;
  sealer: Pick<Sealer, 'seal'>;
}

/** Begins to watch a FHIR request, whatever comes of it. What it is refused for is part of the trail. */
export function watchFhir(
  { requests, trail }: HttpAudit,
  store: Store,
  request: Request,
  route: Result<Route>,
): WatchedRequest {
  const asked = {
    act: route.ok ? actOf(route.value) : ('none' as const),
    requestId: requestIdOf(request),
    query: `${request.method} ${request.originalUrl}`,
    address: request.ip,
    target: route.ok ? targetOf(route.value) : undefined,
    detail: route.ok && route.value.name === 'operation' ? route.value.operation : undefined,
  };
  return requests.watch(asked, { store, trail });
}

/** Begins to watch a call of a CDS Hooks service. */
export function watchHook({ requests, trail }: HttpAudit, store: Store, request: Request, id: string): WatchedRequest {
  const asked = {
    act: 'cds-hook' as const,
    requestId: requestIdOf(request),
    query: `${request.method} ${request.originalUrl}`,
    address: request.ip,
    detail: /^[\w-]{1,64}$/.test(id) ? id : undefined,
  };
  return requests.watch(asked, { store, trail });
}

function requestIdOf({ res }: Request): string {
  return String(res?.locals.requestId);
}

function actOf(route: Route): Act {
  const { name } = route;
  if (name === 'bundle') return 'batch';
  const isRead = name === 'read' || name === 'search' || name === 'search-compartment';
  if (isRead && route.type === 'AuditEvent') return 'audit-read';
  if (name === 'operation' && (route.operation === 'access-log' || route.operation === 'disclosures'))
    return 'audit-read';
  return name === 'capabilities' || name === 'smart-configuration' ? 'none' : name;
}

function targetOf(route: Route): string | undefined {
  if (route.name === 'search-compartment') return `${route.compartment.type}/${route.compartment.id}`;
  return 'type' in route && 'id' in route && route.id !== undefined ? `${route.type}/${route.id}` : undefined;
}

/** What the request says once it is read: parameters in a body, whose records it asks for, a transaction or a batch. */
export function learn(watched: WatchedRequest, asked: FhirRequest, request: Request): void {
  const { method, query, body } = asked;
  const patients = [...query, ...partsOf(body)].flatMap(([name, value]) => namedPatient(name, value));
  const isForm = method === 'POST' && body === undefined && query.length > 0;
  const isTransaction = isObject(body) && body.resourceType === 'Bundle' && body.type === 'transaction';
  watched.about({
    isPlain:
      method === 'GET' && query.length === 0 && asked.ifNoneMatch === undefined && asked.ifModifiedSince === undefined,
    ...(patients.length > 0 && { patients }),
    ...(isForm && { query: `POST ${request.originalUrl.split('?', 1)[0]}?${formText(query)}` }),
    ...(isTransaction && request.path === '/' && { act: 'transaction' as const }),
  });
}

function formText(query: FhirRequest['query']): string {
  return new URLSearchParams(query.map(([name, value]): [string, string] => [name, value])).toString();
}

/** `patient=1`, `subject=Patient/1`, `subject:Patient=1`: a search that finds nothing has still asked about the child. */
function namedPatient(name: string, value: string): string[] {
  const [code, modifier] = name.split(':', 2);
  if (code !== 'patient' && code !== 'subject') return [];
  return value.split(',').flatMap((text) => {
    const named = /^(?:.*\/)?Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(text)?.[1];
    const isBare = (code === 'patient' || modifier === 'Patient') && /^[A-Za-z0-9\-.]{1,64}$/.test(text);
    return named ?? (isBare ? text : []);
  });
}

/** Texts and references of a Parameters resource. */
function partsOf(body: unknown): [string, string][] {
  if (!isObject(body) || body.resourceType !== 'Parameters' || !Array.isArray(body.parameter)) return [];
  return body.parameter.flatMap((part: unknown): [string, string][] => {
    if (!isObject(part) || typeof part.name !== 'string') return [];
    const { name, valueReference, valueString, valueId } = part;
    const text = isObject(valueReference) ? valueReference.reference : (valueString ?? valueId);
    return typeof text === 'string' ? [[name, text]] : [];
  });
}

/** Waits until the trail holds what came of the request; then it may be answered. */
export async function concluded(
  watched: WatchedRequest,
  answer: Result<FhirResponse>,
  status: number,
  baseUrl: string,
): Promise<Result<void>> {
  const { resource: whole, json, isLate } = answer.ok ? answer.value : {};
  // Of what is taken out of an answer only its text is left; one that was made before was read by nobody in this request.
  const resource = whole ?? (isLate && json !== undefined ? (parseJson(json) as Resource) : undefined);
  if (resource && (resource.resourceType !== 'Bundle' || isLate)) {
    // What an operation tells may come from tables of its room, which nobody watches.
    const patients = new Set<string>();
    eachSubject(resource, (text) => {
      const target = parseReference(text, baseUrl);
      if (target?.kind === 'local' && target.type === 'Patient') patients.add(target.id);
    });
    watched.about({ patients: [...patients] });
  }
  return watched.end(outcomeOf(status), status);
}

/** `item`: a List of patients, as a MeasureReport has one. */
const about: ReadonlySet<string> = new Set(['subject', 'patient', 'item']);

/** Calls `visit` with whom the resource, and each within it, says it is about. */
function eachSubject(value: unknown, visit: (reference: string) => void): void {
  if (Array.isArray(value)) for (const item of value) eachSubject(item, visit);
  if (!isObject(value) || JSON.isRawJSON(value)) return;
  for (const [key, child] of Object.entries(value)) {
    if (about.has(key) && isObject(child) && typeof child.reference === 'string') visit(child.reference);
    if (typeof child === 'object') eachSubject(child, visit);
  }
}

export function outcomeOf(status: number): Outcome {
  return status < 400 ? 'success' : status < 500 ? 'refused' : 'failed';
}

/** Where a fault of ours finds the request that it ends. */
export function keepWatch(response: Response, watched: WatchedRequest): WatchedRequest {
  response.locals.watched = watched;
  return watched;
}

/** A fault of ours is told of too. Should that fail as well, the fault is what is answered. */
export async function concludeFault(response: Response): Promise<void> {
  const watched: WatchedRequest | undefined = response.locals.watched;
  await watched?.end('failed', 500);
}
