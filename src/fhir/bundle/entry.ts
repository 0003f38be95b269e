import { type Err, fail, ok, type Result } from '../../base/errors.ts';
import type { Definitions } from '../definitions.ts';
import { isResource } from '../is-resource.ts';
import { isObject } from '../search/walk-path.ts';
import type { BundleMethod, PlannedEntry } from './plan.ts';
import { splitRequestUrl } from './request-url.ts';

interface Options {
  baseUrl: string;
  definitions: Definitions;
}

/** Checks one entry: its request, and that the resource is the one its URL speaks of. */
export function planEntry(entry: unknown, index: number, options: Options): Result<PlannedEntry> {
  const refuse = (text: string, code = 'invalid', element = ''): Err =>
    fail('invalid', `Entry ${index}: ${text}`, { code, expression: [`Bundle.entry[${index}]${element}`] });
  if (!isObject(entry)) return refuse('must be an object.', 'structure');
  if (!isObject(entry.request)) return refuse('request is missing.', 'required', '.request');
  const { method, url } = entry.request;
  if (!isMethod(method))
    return refuse('request.method must be DELETE, POST, PUT, PATCH, GET or HEAD.', 'value', '.request.method');
  if (typeof url !== 'string' || url === '') return refuse('request.url is missing.', 'required', '.request.url');
  const target = splitRequestUrl(url, options.baseUrl);
  if (!target) return refuse('request.url is not a FHIR interaction that a Bundle can hold.', 'value', '.request.url');
  if (target.type !== '' && !options.definitions.types.has(target.type)) {
    return refuse('request.url names a resource type that FHIR R4 does not have.', 'not-supported', '.request.url');
  }
  if (entry.resource !== undefined && !isResource(entry.resource)) {
    return refuse('resource must be a FHIR resource.', 'structure', '.resource');
  }
  const planned: PlannedEntry = { index, method, ...target };
  if (entry.resource) planned.resource = entry.resource;
  if (typeof entry.fullUrl === 'string' && entry.fullUrl !== '') planned.fullUrl = entry.fullUrl;
  for (const name of ['ifNoneExist', 'ifMatch', 'ifNoneMatch', 'ifModifiedSince'] as const) {
    const value = entry.request[name];
    if (typeof value === 'string') planned[name] = value;
  }
  const problem = planned.operation === undefined ? shapeProblem(planned) : operationProblem(planned);
  return problem === undefined ? ok(planned) : refuse(problem);
}

const methods: ReadonlySet<string> = new Set([
  'DELETE',
  'POST',
  'PUT',
  'PATCH',
  'GET',
  'HEAD',
] satisfies BundleMethod[]);

function isMethod(method: unknown): method is BundleMethod {
  return typeof method === 'string' && methods.has(method);
}

function operationProblem({ method }: PlannedEntry): string | undefined {
  return method === 'DELETE' || method === 'PUT' || method === 'PATCH'
    ? 'an operation is invoked by POST or GET.'
    : undefined;
}

function shapeProblem(entry: PlannedEntry): string | undefined {
  const { method, type, id, version, query, resource } = entry;
  if (method === 'GET' || method === 'HEAD') return undefined;
  if (entry.compartment) return 'a compartment is searched by GET.';
  if (type === '') return 'request.url names no resource type.';
  if (version !== undefined) return 'a version cannot be written.';
  if (method === 'DELETE')
    return (id === undefined) === (query === undefined) ? 'DELETE takes Type/id or Type?criteria.' : undefined;
  if (!resource) return `${method} needs a resource.`;
  if (method === 'PATCH') {
    if ((id === undefined) === (query === undefined)) return 'PATCH takes Type/id or Type?criteria.';
    const isPatch = resource.resourceType === 'Parameters' || resource.resourceType === 'Binary';
    return isPatch ? undefined : 'PATCH takes a Parameters resource, or a Binary with a JSON Patch.';
  }
  if (resource.resourceType !== type) return 'the resource is not of the type in request.url.';
  if (method === 'POST') return id !== undefined || query !== undefined ? 'POST takes Type alone.' : undefined;
  if ((id === undefined) === (query === undefined)) return 'PUT takes Type/id or Type?criteria.';
  return id !== undefined && resource.id !== id ? 'the id of the resource is not the one in request.url.' : undefined;
}
