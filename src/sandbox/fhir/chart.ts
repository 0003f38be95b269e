import { getStatus, normalizeOperationOutcome, validateResource } from '@medplum/core';
import { FhirRouter, type HttpMethod, MemoryRepository } from '@medplum/fhir-router';
import type { OperationOutcome, Resource as RouterResource } from '@medplum/fhirtypes';
import { plain } from '../../fhir/json.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Definitions } from './definitions.ts';
import { createPatientSlices } from './patient-slices.ts';

/** What the FHIR implementation answered: an HTTP status with a resource, or with an OperationOutcome. */
export interface Answer {
  status: number;
  resource?: Resource;
  outcome: OperationOutcome;
}

/** A hospital's records: the independent FHIR router and memory repository, plus what they lack (speed per patient, digits). */
export interface Chart {
  read(type: string, id: string): Promise<Answer>;
  /** Ids of all matches in order. With `patientId`, only among the resources that mention that patient. */
  search(type: string, query: URLSearchParams, patientId?: string): Promise<{ ids: string[] } | { refused: Answer }>;
  /** Resources that `_include` and `_revinclude` parameters of `query` add to the matches `ids`. */
  included(type: string, ids: string[], query: URLSearchParams): Promise<Resource[]>;
  create(resource: Resource, ifNoneExist?: string): Promise<Answer>;
  update(resource: Resource, ifMatch?: string): Promise<Answer>;
  remove(type: string, id: string): Promise<Answer>;
  /** Stores a resource as it is, id, version and date included: at start, from bundles and the journal. */
  seed(resource: Resource): Promise<void>;
  has(type: string, id: string): boolean;
  /** True when the resource mentions this patient and no other. */
  concernsOnly(type: string, id: string, patientId: string): boolean;
  counts(): Record<string, number>;
  /** Problems of structure found by the implementation's own validator; undefined when sound. */
  problems(resource: Resource): OperationOutcome | undefined;
}

function hasKeptDigits(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return JSON.isRawJSON(value) || Object.values(value).some(hasKeptDigits);
}

function entriesOf(bundle: Resource | undefined): { resource: Resource; search?: { mode?: string } }[] {
  return (bundle?.entry ?? []) as { resource: Resource; search?: { mode?: string } }[];
}

/** Asks the router, which takes the resource type from the address unchecked: callers check it. */
async function askRouter(
  router: FhirRouter,
  repository: MemoryRepository,
  request: { method: HttpMethod; url: string; body?: Resource; headers?: Record<string, string> },
): Promise<Answer> {
  const body = request.body && plain(request.body);
  const [result, resource] = await router.handleRequest(
    { headers: {}, ...request, body, pathname: '', query: {}, params: {} },
    repository,
  );
  const answer: Answer = { status: getStatus(result), outcome: result };
  if (resource) answer.resource = resource as unknown as Resource;
  return answer;
}

function problemsOf(resource: Resource, definitions: Definitions): OperationOutcome | undefined {
  const contained = (Array.isArray(resource.contained) ? resource.contained : []) as Partial<Resource>[];
  for (const type of [resource.resourceType, ...contained.map((one) => one?.resourceType)])
    definitions.ensureType(String(type));
  try {
    validateResource(plain(resource) as unknown as RouterResource);
    return undefined;
  } catch (error) {
    return normalizeOperationOutcome(error);
  }
}

/** JavaScript numbers lose 1.10; the resource as written is kept beside the repository and given out instead. */
function createExactCopies() {
  const written = new Map<string, Resource>();
  return {
    present(stored: Resource): Resource {
      const exact = written.get(`${stored.resourceType}/${stored.id}`);
      return exact ? { ...exact, id: stored.id, meta: stored.meta } : stored;
    },
    keep(stored: Resource, source: Resource): void {
      const key = `${stored.resourceType}/${stored.id}`;
      if (hasKeptDigits(source)) written.set(key, source);
      else written.delete(key);
    },
    drop: (type: string, id: string) => written.delete(`${type}/${id}`),
  };
}

export function createChart(definitions: Definitions): Chart {
  const router = new FhirRouter();
  const all = new MemoryRepository();
  const slices = createPatientSlices(all);
  const exact = createExactCopies();
  const present = exact.present;

  async function file(stored: Resource, source: Resource): Promise<void> {
    exact.keep(stored, source);
    await slices.file(stored);
  }

  async function write(method: HttpMethod, url: string, body: Resource, headers = {}): Promise<Answer> {
    const answer = await askRouter(router, all, { method, url, body, headers });
    const stored = answer.resource;
    if (!stored) return answer;
    if (method === 'PUT' || answer.status === 201) await file(stored, body);
    return { ...answer, resource: present(stored) };
  }

  return {
    async read(type, id) {
      const answer = await askRouter(router, all, { method: 'GET', url: `${type}/${id}` });
      return answer.resource ? { ...answer, resource: present(answer.resource) } : answer;
    },
    async search(type, query, patientId) {
      definitions.ensureType(type);
      const repository = patientId === undefined ? all : await slices.of(patientId);
      if (!repository) return { ids: [] };
      const answer = await askRouter(router, repository, { method: 'GET', url: `${type}?${query}` });
      if (answer.status !== 200 || !answer.resource) return { refused: answer };
      return { ids: entriesOf(answer.resource).map((entry) => String(entry.resource.id)) };
    },
    async included(type, ids, query) {
      definitions.ensureType(type);
      const asked = new URLSearchParams([['_id', ids.join(',')], ...query]);
      const answer = await askRouter(router, all, { method: 'GET', url: `${type}?${asked}` });
      const added = entriesOf(answer.resource).filter((entry) => entry.search?.mode !== 'match');
      return added.map((entry) => present(entry.resource));
    },
    create(resource, ifNoneExist) {
      const { id: _ignored, ...fresh } = resource;
      definitions.ensureType(resource.resourceType);
      const headers = ifNoneExist ? { 'if-none-exist': ifNoneExist } : {};
      return write('POST', resource.resourceType, fresh as Resource, headers);
    },
    update: (resource, ifMatch) =>
      write('PUT', `${resource.resourceType}/${resource.id}`, resource, ifMatch ? { 'if-match': ifMatch } : {}),
    async remove(type, id) {
      const answer = await askRouter(router, all, { method: 'DELETE', url: `${type}/${id}` });
      if (answer.status === 200) {
        exact.drop(type, id);
        await slices.drop(type, id);
      }
      return answer;
    },
    async seed(resource) {
      const stored = hasKeptDigits(resource) ? plain(resource) : resource;
      await all.withSeeding(() => all.createResource(stored as unknown as RouterResource, undefined, true));
      await file(stored, resource);
    },
    has: (type, id) => slices.mentionedIn(type, id) !== undefined,
    concernsOnly(type, id, patientId) {
      const patients = slices.mentionedIn(type, id);
      return patients !== undefined && [...patients].every((one) => one === patientId);
    },
    counts: () => slices.counts(),
    problems: (resource) => problemsOf(resource, definitions),
  };
}
