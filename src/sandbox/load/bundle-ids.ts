import { stableId } from '../../base/ids.ts';
import type { Resource } from '../../fhir/types.ts';

/** A bundle and the name it is known by: same name and content, same ids at every start. */
export interface Source {
  label: string;
  bundle: Resource;
}

interface Entry {
  fullUrl?: string;
  resource: Resource;
  request?: { method?: string; url?: string; ifNoneExist?: string };
}

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && 'resource' in value && typeof value.resource === 'object';
}

function entriesOf(bundle: Resource): Entry[] {
  return Array.isArray(bundle.entry) ? bundle.entry.filter(isEntry) : [];
}

function identifiersOf(resource: Resource): string[] {
  const list: unknown[] = Array.isArray(resource.identifier) ? resource.identifier : [resource.identifier];
  return list.flatMap((one) => {
    const value = typeof one === 'object' && one !== null ? (one as { system?: unknown; value?: unknown }) : {};
    return typeof value.value === 'string' ? [`${value.system ?? ''}|${value.value}`] : [];
  });
}

/** `Type?identifier=system|value`, from a conditional reference, a conditional PUT or If-None-Exist. */
function conditionOf(type: string, query: string | undefined): string | undefined {
  const identifier = new URLSearchParams(query ?? '').get('identifier');
  return identifier ? `${type}?${identifier}` : undefined;
}

/** Names valid across the hospital's bundles: conditions to ids, targets of PUT to references. Names of one bundle are in its own map. */
interface Places {
  identified: Map<string, string>;
  put: Map<string, string>;
}

/** Decides an entry's id here. `fresh` is false when an earlier entry already is this resource. */
function place(
  hospital: string,
  label: string,
  index: number,
  entry: Entry,
  places: Places,
): { id: string; fresh: boolean } {
  const { resource, request } = entry;
  const type = resource.resourceType;
  const [target = '', query] = (request?.url ?? '').split('?');
  const condition = conditionOf(type, request?.ifNoneExist ?? query);
  const existing = condition === undefined ? undefined : places.identified.get(condition);
  if (existing !== undefined) return { id: existing, fresh: false };
  if (request?.method === 'PUT' && target.includes('/'))
    return { id: stableId('sandbox', hospital, target), fresh: true };
  // A POST makes a new resource each time, so the same id in two bundles is two resources.
  return { id: stableId('sandbox', hospital, label, type, resource.id ?? entry.fullUrl ?? String(index)), fresh: true };
}

function register(entry: Entry, id: string, local: Map<string, string>, places: Places): void {
  const type = entry.resource.resourceType;
  const target = `${type}/${id}`;
  if (entry.fullUrl) local.set(entry.fullUrl, target);
  if (entry.resource.id) local.set(`${type}/${entry.resource.id}`, target);
  if (entry.request?.method === 'PUT' && entry.request.url) places.put.set(entry.request.url, target);
  for (const identifier of identifiersOf(entry.resource)) {
    if (!places.identified.has(`${type}?${identifier}`)) places.identified.set(`${type}?${identifier}`, id);
  }
}

/**
 * A copy with every name of a placed resource replaced. fullUrls are replaced wherever they stand alone (R4, transaction rules);
 * the relative and conditional forms only in `reference`. What cannot be resolved stays: hospitals have dangling references too.
 */
function rewritten(value: unknown, key: string, local: Map<string, string>, places: Places): unknown {
  if (typeof value === 'string') {
    const known = local.get(value);
    if (known !== undefined && (key === 'reference' || value.includes(':'))) return known;
    if (key !== 'reference') return value;
    const [type = '', query] = value.split('?');
    const condition = conditionOf(type, query);
    const identified = condition === undefined ? undefined : places.identified.get(condition);
    return identified !== undefined ? `${type}/${identified}` : (places.put.get(value) ?? value);
  }
  if (typeof value !== 'object' || value === null || JSON.isRawJSON(value)) return value;
  if (Array.isArray(value)) return value.map((one) => rewritten(one, key, local, places));
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, rewritten(one, name, local, places)]));
}

/**
 * Turns a hospital's transaction bundles into resources with ids of its own: opaque, and the same at every start. Done here
 * because the router's transaction rewrites lower-case `urn:uuid:` only, and gives random ids.
 */
export function resourcesFrom(hospital: string, sources: readonly Source[]): Resource[] {
  const places: Places = { identified: new Map(), put: new Map() };
  const placed: { resource: Resource; id: string; local: Map<string, string> }[] = [];
  for (const { label, bundle } of sources) {
    const local = new Map<string, string>();
    for (const [index, entry] of entriesOf(bundle).entries()) {
      const { id, fresh } = place(hospital, label, index, entry, places);
      register(entry, id, local, places);
      if (fresh) placed.push({ resource: entry.resource, id, local });
    }
  }
  return placed.map(({ resource, id, local }) => {
    const copy = rewritten({ ...resource, id: undefined }, '', local, places) as Resource;
    return { ...copy, id };
  });
}
