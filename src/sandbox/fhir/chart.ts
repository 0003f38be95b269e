import { getStatus, normalizeOperationOutcome, validateResource } from '@medplum/core';
import { FhirRouter, type HttpMethod, MemoryRepository } from '@medplum/fhir-router';
import type { OperationOutcome, Resource as RouterResource } from '@medplum/fhirtypes';
import { plain } from '../../fhir/json.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Definitions } from './definitions.ts';

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

function patientsIn(resource: Resource): Set<string> {
  const mentioned = new Set<string>();
  for (const match of JSON.stringify(resource).matchAll(/"reference":"Patient\/([A-Za-z0-9.-]{1,64})"/g)) {
    if (match[1]) mentioned.add(match[1]);
  }
  if (resource.resourceType === 'Patient' && resource.id) mentioned.add(resource.id);
  return mentioned;
}

export function createChart(definitions: Definitions): Chart {
  const router = new FhirRouter();
  const all = new MemoryRepository();
  /** One small repository per patient: the implementation scans linearly, and nearly every search is about one patient. */
  const perPatient = new Map<string, MemoryRepository>();
  const mentions = new Map<string, Set<string>>();
  /** JavaScript numbers lose 1.10; the resource as written is kept beside the repository and given out instead. */
  const written = new Map<string, Resource>();
  const counts: Record<string, number> = {};

  async function ask(repository: MemoryRepository, method: HttpMethod, url: string, body?: Resource, headers = {}) {
    const [result, resource] = await router.handleRequest(
      { method, url, pathname: '', query: {}, params: {}, body: body && plain(body), headers },
      repository,
    );
    const answer: Answer = { status: getStatus(result), outcome: result };
    if (resource) answer.resource = resource as unknown as Resource;
    return answer;
  }

  function present(stored: Resource): Resource {
    const exact = written.get(`${stored.resourceType}/${stored.id}`);
    return exact ? { ...exact, id: stored.id, meta: stored.meta } : stored;
  }

  async function drop(key: string): Promise<void> {
    const [type = '', id = ''] = key.split('/');
    for (const patient of mentions.get(key) ?? []) await perPatient.get(patient)?.expungeResource(type, id);
    if (mentions.delete(key)) counts[type] = (counts[type] ?? 1) - 1;
    written.delete(key);
  }

  /** Files a stored resource under its patients and keeps its digits. */
  async function file(stored: Resource, source: Resource): Promise<void> {
    const key = `${stored.resourceType}/${stored.id}`;
    await drop(key);
    if (hasKeptDigits(source)) written.set(key, source);
    const patients = patientsIn(stored);
    mentions.set(key, patients);
    counts[stored.resourceType] = (counts[stored.resourceType] ?? 0) + 1;
    for (const patient of patients) {
      const slice = perPatient.get(patient) ?? new MemoryRepository();
      perPatient.set(patient, slice);
      await slice.withSeeding(() => slice.createResource(stored as unknown as RouterResource, undefined, true));
    }
  }

  async function write(method: HttpMethod, url: string, resource: Resource, headers = {}): Promise<Answer> {
    const answer = await ask(all, method, url, resource, headers);
    const stored = answer.resource;
    if (!stored) return answer;
    if (method === 'PUT' || answer.status === 201) await file(stored, resource);
    return { ...answer, resource: present(stored) };
  }

  return {
    async read(type, id) {
      const answer = await ask(all, 'GET', `${type}/${id}`);
      return answer.resource ? { ...answer, resource: present(answer.resource) } : answer;
    },
    async search(type, query, patientId) {
      definitions.ensureType(type);
      const repository = patientId === undefined ? all : perPatient.get(patientId);
      if (!repository) return { ids: [] };
      const answer = await ask(repository, 'GET', `${type}?${query}`);
      if (answer.status !== 200 || !answer.resource) return { refused: answer };
      const entries = (answer.resource.entry ?? []) as { resource: Resource }[];
      return { ids: entries.map((entry) => String(entry.resource.id)) };
    },
    async included(type, ids, query) {
      definitions.ensureType(type);
      const asked = new URLSearchParams([['_id', ids.join(',')]]);
      for (const [name, value] of query) if (/^_(rev)?include/.test(name)) asked.append(name, value);
      const answer = await ask(all, 'GET', `${type}?${asked}`);
      const entries = (answer.resource?.entry ?? []) as { resource: Resource; search?: { mode?: string } }[];
      return entries.filter((entry) => entry.search?.mode === 'include').map((entry) => present(entry.resource));
    },
    create(resource, ifNoneExist) {
      const { id: _ignored, ...fresh } = resource;
      definitions.ensureType(resource.resourceType);
      return write(
        'POST',
        resource.resourceType,
        fresh as Resource,
        ifNoneExist ? { 'if-none-exist': ifNoneExist } : {},
      );
    },
    update: (resource, ifMatch) =>
      write('PUT', `${resource.resourceType}/${resource.id}`, resource, ifMatch ? { 'if-match': ifMatch } : {}),
    async remove(type, id) {
      const answer = await ask(all, 'DELETE', `${type}/${id}`);
      if (answer.status === 200) await drop(`${type}/${id}`);
      return answer;
    },
    async seed(resource) {
      await all.withSeeding(() => all.createResource(plain(resource) as unknown as RouterResource, undefined, true));
      await file(plain(resource), resource);
    },
    has: (type, id) => mentions.has(`${type}/${id}`),
    concernsOnly(type, id, patientId) {
      const patients = mentions.get(`${type}/${id}`);
      return patients !== undefined && [...patients].every((one) => one === patientId);
    },
    counts: () =>
      Object.fromEntries(
        Object.entries(counts)
          .filter(([, count]) => count > 0)
          .sort(),
      ),
    problems(resource) {
      definitions.ensureType(resource.resourceType);
      try {
        validateResource(plain(resource) as unknown as RouterResource);
        return undefined;
      } catch (error) {
        return normalizeOperationOutcome(error);
      }
    },
  };
}
