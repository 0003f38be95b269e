import { isObject } from '../../fhir/search/walk-path.ts';
import type { Policy } from '../policy/compile.ts';
import type { Redaction } from '../types.ts';
import { type CategoriesOf, labelled } from './labelled-copy.ts';
import type { Targets } from './references.ts';
import { targetsIn } from './references.ts';
import { redactResource } from './resource.ts';
import { ruleFor } from './rules.ts';

export interface AnswerTelling {
  redaction: Redaction;
  targets: Targets;
  today: string;
  baseUrl: string;
  /** To a partner: what is of a category is told with its labels. */
  labels?: { of: CategoriesOf; policy: Policy };
}

type Json = Record<string, unknown>;

/** Types that tell of the server and of nobody. */
const impersonal: ReadonlySet<unknown> = new Set(['OperationOutcome', 'CapabilityStatement', 'ValueSet', 'CodeSystem']);

/** The whole body of an answer: one resource, or those that a Bundle or a Parameters holds. */
export function redactBody(body: unknown, how: AnswerTelling): unknown {
  if (!isObject(body) || impersonal.has(body.resourceType)) return body;
  if (body.resourceType === 'Bundle')
    return { ...body, ...(Array.isArray(body.entry) && { entry: body.entry.map((one) => entryOf(one, how)) }) };
  if (body.resourceType === 'Parameters') return parametersOf(body, how);
  const patients = patientsOf(body, how.baseUrl);
  const rule = ruleFor(how.redaction, patients);
  if (!rule) return body;
  const withoutPlaces = how.redaction.withoutWhereabouts.some((id) => patients.has(id));
  const told = redactResource(body, { ...how, rule, withoutPlaces });
  const categories = how.labels?.of.get(`${String(body.resourceType)}/${String(body.id)}`) ?? 0n;
  return how.labels ? labelled(told, body, categories, how.labels.policy) : told;
}

function entryOf(entry: unknown, how: AnswerTelling): unknown {
  if (!isObject(entry)) return entry;
  const told: Json = { ...entry, ...(isObject(entry.resource) && { resource: redactBody(entry.resource, how) }) };
  if (isObject(entry.response) && hidesVersions(how.redaction)) {
    const { etag: _etag, lastModified: _lastModified, ...response } = entry.response;
    told.response = response;
  }
  return told;
}

function parametersOf(body: Json, how: AnswerTelling): Json {
  const part = (one: unknown): unknown => {
    if (!isObject(one)) return one;
    return {
      ...one,
      ...(isObject(one.resource) && { resource: redactBody(one.resource, how) }),
      ...(Array.isArray(one.part) && { part: one.part.map(part) }),
      // $meta answers with a Meta by itself.
      ...(isObject(one.valueMeta) && { valueMeta: metaAlone(one.valueMeta, how) }),
    };
  };
  return { ...body, ...(Array.isArray(body.parameter) && { parameter: body.parameter.map(part) }) };
}

function metaAlone(meta: Json, how: AnswerTelling): unknown {
  const rule = ruleFor(how.redaction, new Set());
  if (!rule) return meta;
  const told = redactResource({ resourceType: 'Basic', meta }, { ...how, rule, withoutPlaces: false });
  return told.meta ?? {};
}

export function hidesVersions({ rules }: Redaction): boolean {
  return rules.some(({ rule }) => rule.hidesVersions);
}

/** Ids of the patients that a record names, its own included. */
function patientsOf(resource: Json, baseUrl: string): Set<string> {
  const named = [...targetsIn(resource, baseUrl)].flatMap((target) =>
    target.startsWith('Patient/') ? [target.slice(8)] : [],
  );
  return new Set([...named, ...(resource.resourceType === 'Patient' ? [String(resource.id)] : [])]);
}
