import { authorize, toldTo, visibilityOf } from '../../access/decide.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { dateRange } from '../../fhir/date-range.ts';
import { parseJson } from '../../fhir/json.ts';
import { reachOf } from '../../fhir/patient-reach.ts';
import { eachReference, parseReference } from '../../fhir/references.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Operation, OperationParameters, OperationRequest } from '../../module.ts';
import type { Reader, Stored, Visibility } from '../../store/types.ts';
import { readVisible } from '../interactions/read.ts';
import type { CoreDeps } from './index.ts';

/** What a record leans on though it is nobody's: brought along with what refers to it. */
const supporting: ReadonlySet<string> = new Set([
  'Practitioner',
  'PractitionerRole',
  'Organization',
  'Location',
  'Medication',
  'HealthcareService',
  'Substance',
]);

interface Asked {
  types?: string[];
  since?: string;
  count: number;
  cursor?: string;
  /** The parameters as they were understood, for links. */
  query: [string, string][];
}

/**
 * `Patient/[id]/$everything` (FHIR R4, patient-operation-everything.html): the patient, what is in the patient's compartment in the
 * order it was first written, and on each page the practitioners, organizations and the like that its records refer to. Only what
 * the caller may see. `_since` is about the records, not about what they lean on. `start` and `end` are refused.
 * `Patient/$everything`: the same of every patient that the caller may see, in one walk.
 */
export function everythingOperations(deps: CoreDeps): Operation[] {
  const shared = {
    name: 'everything',
    definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything',
    resourceType: 'Patient',
    affectsState: false,
    // start and end are known, and refused by name.
    parameters: ['_since', '_type', '_count', '_page', 'start', 'end'],
    requires: [['Patient', 'r']],
    handle: (request: OperationRequest) => gather(request, deps),
  } as const;
  return [
    { ...shared, level: 'instance' },
    { ...shared, level: 'type' },
  ];
}

async function gather(request: OperationRequest, deps: CoreDeps): Promise<Result<Resource>> {
  const { principal, store, id } = request;
  const visible = authorize(principal, 'Patient', 'r');
  if (!visible.ok) return visible;
  const patient = id === undefined ? undefined : await readVisible(store, visible.value, 'Patient', id);
  if (patient && !patient.ok) return patient;
  const asked = askedOf(request, deps);
  if (!asked.ok) return asked;
  const { query, types = [...deps.definitions.types], ...page } = asked.value;
  const seen = toldTo(principal, visibilityOf(principal, 'r'));
  const found = await store.compartment({ ...page, types, ...(id !== undefined && { patientId: id }) }, seen);
  if (!found.ok) return found;
  const resources = found.value.matches;
  const leanedOn = await supportOf(resources, { types: new Set(types), seen, store, deps });
  const entry = [
    ...resources.map((stored) => entryOf(stored, 'match', deps.baseUrl)),
    ...leanedOn.map((stored) => entryOf(stored, 'include', deps.baseUrl)),
  ];
  const self = `${deps.baseUrl}/${placeOf(id)}`;
  const search = new URLSearchParams(query).toString();
  const link = [{ relation: 'self', url: search ? `${self}?${search}` : self }];
  if (found.value.next !== undefined) {
    const place = { type: placeOf(id), query, cursor: found.value.next };
    link.push({ relation: 'next', url: `${self}?_page=${deps.pageLinks.seal(place, principal)}` });
  }
  return ok({ resourceType: 'Bundle', type: 'searchset', link, ...(entry.length > 0 && { entry }) });
}

function placeOf(id: string | undefined): string {
  return id === undefined ? 'Patient/$everything' : `Patient/${id}/$everything`;
}

/** The parameters of the request, or those sealed in a next link. */
function askedOf({ parameters, principal, id }: OperationRequest, deps: CoreDeps): Result<Asked> {
  const sealed = parameters.text('_page');
  if (sealed === undefined) return parametersOf(parameters, deps);
  const opened = deps.pageLinks.open(sealed, principal);
  if (!opened.ok) return opened;
  const { type, query, cursor } = opened.value;
  if (type !== placeOf(id)) return fail('invalid', 'This page link belongs to another address.', { code: 'value' });
  const value = (name: string) => query.find(([given]) => given === name)?.[1];
  const again = parametersOf({ text: value, texts: (name) => [value(name) ?? []].flat() }, deps);
  return again.ok ? ok({ ...again.value, cursor }) : again;
}

function parametersOf(
  parameters: Pick<OperationParameters, 'text' | 'texts'>,
  { definitions }: CoreDeps,
): Result<Asked> {
  if (parameters.text('start') !== undefined || parameters.text('end') !== undefined)
    return fail('invalid', 'start and end are not supported here: use _since and _type.', { code: 'not-supported' });
  const asked: Asked = { count: limits.search.maxCount, query: [] };
  const types = parameters.texts('_type').flatMap((text) => text.split(','));
  if (types.length > 0) {
    if (!types.every((type) => definitions.types.has(type)))
      return fail('invalid', '_type names a resource type that FHIR R4 does not have.', { code: 'value' });
    asked.types = types;
    asked.query.push(['_type', types.join(',')]);
  }
  const since = parameters.text('_since');
  if (since !== undefined) {
    asked.since = dateRange(since)?.start;
    if (asked.since === undefined) return fail('invalid', '_since takes an instant.', { code: 'value' });
    asked.query.push(['_since', since]);
  }
  const count = parameters.text('_count');
  if (count !== undefined) {
    if (!/^[1-9]\d{0,8}$/.test(count)) return fail('invalid', '_count takes a whole number from 1.', { code: 'value' });
    asked.count = Math.min(Number(count), limits.search.maxCount);
    asked.query.push(['_count', count]);
  }
  return ok(asked);
}

/** The visible resources of supporting types that the records refer to, each once. */
async function supportOf(
  records: readonly Stored[],
  { types, seen, store, deps }: { types: ReadonlySet<string>; seen: Visibility; store: Reader; deps: CoreDeps },
): Promise<Stored[]> {
  const wanted = new Map<string, { type: string; id: string }>();
  const mayShow = (type: string) =>
    supporting.has(type) && types.has(type) && reachOf(deps.definitions, type) === 'everybody';
  for (const { json } of records) {
    eachReference(parseJson(json), (text) => {
      const target = parseReference(text, deps.baseUrl);
      if (target?.kind === 'local' && mayShow(target.type))
        wanted.set(`${target.type}/${target.id}`, { type: target.type, id: target.id });
    });
  }
  const found = await store.readMany([...wanted.values()].slice(0, limits.search.maxIncluded));
  const shown = await Promise.all(found.map((stored) => store.sees(seen, stored)));
  return found.filter((_stored, place) => shown[place]);
}

function entryOf(stored: Stored, mode: 'match' | 'include', baseUrl: string): object {
  return {
    fullUrl: `${baseUrl}/${stored.type}/${stored.id}`,
    resource: parseJson(stored.json),
    search: { mode },
  };
}
