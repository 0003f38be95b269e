import { randomUUID } from 'node:crypto';
import type { Interaction } from '../../access/types.ts';
import type { WebOrigins } from '../../auth/origins.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { parseJson, stringifyJson } from '../../fhir/json.ts';
import type { Resource } from '../../fhir/types.ts';
import type { FhirContext, FhirRequest, FhirResponse, Interactions } from '../fhir-request.ts';
import { versionOfIfMatch } from '../versions.ts';
import { mayUse } from './may-use.ts';
import { addState, findState, replaceState, type StateRow, statesAt } from './rows.ts';
import { readState, type StatePlace, subjectAt } from './state-content.ts';

type Handle = (request: FhirRequest, context: FhirContext, origins: WebOrigins) => Promise<Result<FhirResponse>>;

const handles: Partial<Record<string, Handle>> = { create, read, search, update, delete: remove };

/** The interactions of `/app-state`: Basic resources of apps, and nothing else (SC-170 to SC-174). */
export function appStateInteractions(origins: WebOrigins): Interactions {
  return async (route, request, context) => {
    if (!('type' in route) || route.type !== 'Basic') return fail('not-found', 'App State has Basic resources only.');
    const handle = handles[route.name];
    return handle
      ? handle(request, context, origins)
      : fail('not-allowed', 'App State is created, read, searched, updated and deleted.');
  };
}

async function create(request: FhirRequest, context: FhirContext, origins: WebOrigins): Promise<Result<FhirResponse>> {
  if (request.ifNoneExist !== undefined) return fail('invalid', 'App State is not created by conditions.');
  const state = readState(request.body, context.baseUrl);
  if (!state.ok) return state;
  const circle = await mayUse(context.principal, state.value, 'c', { store: context.store, origins });
  if (!circle.ok) return circle;
  const { code, subject, resource } = state.value;
  const place: StatePlace = { code, ...(subject !== undefined && { subject }) };
  const content = stringifyJson(resource);
  const row: StateRow = {
    id: randomUUID(),
    version: 1,
    place,
    circle: circle.value,
    content,
    updatedAt: context.clock.now(),
  };
  if (!(await addState(context.store, row)))
    return fail('unprocessable', `There are at most ${limits.appState.ofOnePlace} App States of one code and subject.`);
  const location = `${stateBase(context.baseUrl)}/Basic/${row.id}`;
  return ok({ ...answerOf(row, 201), location, write: true });
}

async function read(
  { id = '' }: FhirRequest,
  context: FhirContext,
  origins: WebOrigins,
): Promise<Result<FhirResponse>> {
  const row = await reached(id, 'r', context, origins);
  return row?.content === undefined ? notThere() : ok(answerOf(row, 200));
}

async function search(request: FhirRequest, context: FhirContext, origins: WebOrigins): Promise<Result<FhirResponse>> {
  const place = placeAsked(request.query, context.baseUrl);
  if (!place.ok) return place;
  const circle = await mayUse(context.principal, place.value, 's', { store: context.store, origins });
  if (!circle.ok) return circle;
  const rows = await statesAt(context.store, place.value, circle.value);
  const base = stateBase(context.baseUrl);
  const entry = rows.map((row) => ({
    fullUrl: `${base}/Basic/${row.id}`,
    resource: resourceOf(row),
    search: { mode: 'match' },
  }));
  const resource = {
    resourceType: 'Bundle',
    type: 'searchset',
    total: rows.length,
    ...(entry.length > 0 && { entry }),
  };
  return ok({ status: 200, resource });
}

async function update(request: FhirRequest, context: FhirContext, origins: WebOrigins): Promise<Result<FhirResponse>> {
  const { id } = request;
  if (id === undefined) return fail('invalid', 'App State is updated by its id.');
  const state = readState(request.body, context.baseUrl, id);
  if (!state.ok) return state;
  const row = await reached(id, 'u', context, origins);
  if (!row) return notThere();
  const version = wantedVersion(request, row);
  if (!version.ok) return version;
  const { code, subject, resource } = state.value;
  const isMoved =
    code.system !== row.place.code.system || code.code !== row.place.code.code || subject !== row.place.subject;
  if (isMoved) return fail('precondition', 'The code and the subject of an App State do not change.');
  const next = { ...row, version: row.version + 1, content: stringifyJson(resource), updatedAt: context.clock.now() };
  if (!(await replaceState(context.store, row, next.content, next.updatedAt))) return stale();
  return ok({ ...answerOf(next, 200), write: true });
}

async function remove(request: FhirRequest, context: FhirContext, origins: WebOrigins): Promise<Result<FhirResponse>> {
  if (request.id === undefined) return fail('invalid', 'App State is deleted by its id.');
  const row = await reached(request.id, 'd', context, origins);
  if (!row) return notThere();
  const version = wantedVersion(request, row);
  if (!version.ok) return version;
  const isDone = await replaceState(context.store, row, undefined, context.clock.now());
  return isDone ? ok({ status: 204 }) : stale();
}

/** The state, deleted ones too, when the caller may do this with it: to any other caller there is none. */
async function reached(id: string, interaction: Interaction, context: FhirContext, origins: WebOrigins) {
  const row = await findState(context.store, id);
  const circle = row && (await mayUse(context.principal, row.place, interaction, { store: context.store, origins }));
  return circle?.ok && circle.value === row?.circle ? row : undefined;
}

/** SC-172: a change names the version that it changes; after the end there is none. */
function wantedVersion({ ifMatch }: FhirRequest, row: StateRow): Result<void> {
  const wanted = versionOfIfMatch(ifMatch);
  if (!wanted.ok) return wanted;
  if (wanted.value === undefined) return fail('precondition', 'Changing App State needs If-Match.');
  return wanted.value === row.version && row.content !== undefined ? ok(undefined) : stale();
}

function stale() {
  return fail('precondition', 'The App State has changed since that version.');
}

function notThere() {
  return fail('not-found', 'There is no such App State.');
}

/** SC-173: `code=system|code`, and `subject=<absolute URL>` or `subject:missing=true`. */
function placeAsked(query: FhirRequest['query'], fhirBaseUrl: string): Result<StatePlace> {
  const asked = query.filter(([name]) => name !== '_format' && name !== '_pretty');
  const unknown = asked.find(([name]) => !['code', 'subject', 'subject:missing'].includes(name));
  if (unknown) return fail('invalid', 'App State is searched by code, subject and subject:missing.', { code: 'value' });
  const one = (name: string) => asked.filter(([own]) => own === name).map(([, value]) => value);
  const [codes, subjects, missing] = [one('code'), one('subject'), one('subject:missing')];
  const [system = '', code = '', ...more] = (codes[0] ?? '').split('|');
  if (codes.length !== 1 || system === '' || code === '' || more.length > 0)
    return fail('invalid', 'code is needed once, as system|code.', { code: 'value' });
  if (subjects.length + missing.length !== 1 || (missing.length === 1 && missing[0] !== 'true'))
    return fail('invalid', 'Either subject or subject:missing=true is needed, once.', { code: 'value' });
  if (missing.length === 1) return ok({ code: { system, code } });
  const subject = subjectAt(subjects[0] ?? '', fhirBaseUrl);
  if (subject === null)
    return fail('invalid', 'subject is the absolute URL of a person of this server.', { code: 'value' });
  return ok({ code: { system, code }, subject });
}

function stateBase(fhirBaseUrl: string): string {
  return fhirBaseUrl.replace(/\/fhir$/, '/app-state');
}

/** As the app wrote it, with the id and the meta of the server. */
function resourceOf({ id, version, content = '{}', updatedAt }: StateRow) {
  const { resourceType, ...rest } = Object(parseJson(content));
  const meta = { versionId: String(version), lastUpdated: updatedAt.toISOString() };
  return { resourceType: String(resourceType), id, meta, ...rest };
}

function answerOf(row: StateRow, status: number): FhirResponse {
  const lastModified = row.updatedAt.toISOString();
  return { status, resource: resourceOf(row), etag: `W/"${row.version}"`, lastModified };
}

/** What `/app-state/metadata` says. */
export function appStateCapabilities(publicUrl: string, date: string): Resource {
  const codes = ['create', 'read', 'search-type', 'update', 'delete'];
  const searchParam = [
    { name: 'code', type: 'token' },
    { name: 'subject', type: 'reference' },
  ];
  const interaction = codes.map((code) => ({ code }));
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date,
    kind: 'instance',
    implementation: { description: 'SMART App State', url: `${publicUrl}/app-state` },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json'],
    rest: [{ mode: 'server', resource: [{ type: 'Basic', versioning: 'versioned-update', interaction, searchParam }] }],
  };
}
