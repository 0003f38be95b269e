import { authorize, may, toldTo, visibilityOf } from '../../access/decide.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { parseJson } from '../../fhir/json.ts';
import { parseScopedSearch } from '../../fhir/search/parse.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import type { Stored } from '../../store/types.ts';
import { readVisible } from '../interactions/read.ts';
import type { CoreDeps } from './index.ts';
import { type MetaSets, metaKey, metaNames } from './meta-sets.ts';

/**
 * `$meta` (FHIR R4, resource-operation-meta.html): of one resource its meta; of a type or of the system the profiles, tags and security
 * labels that are in use there, each once. Only what the caller may see.
 */
export function metaOperations(deps: CoreDeps): Operation[] {
  const shared = {
    name: 'meta',
    definition: 'http://hl7.org/fhir/OperationDefinition/Resource-meta',
    affectsState: false,
    parameters: [],
    requires: [],
  } as const;
  const inUse = (request: OperationRequest) => readMetas(request, deps);
  return [
    { ...shared, level: 'instance', handle: readMeta },
    { ...shared, level: 'type', handle: inUse },
    { ...shared, level: 'system', handle: inUse },
  ];
}

async function readMeta({
  principal,
  store,
  resourceType: type = '',
  id = '',
}: OperationRequest): Promise<Result<Resource>> {
  const visible = authorize(principal, type, 'r');
  if (!visible.ok) return visible;
  const stored = await readVisible(store, toldTo(principal, visible.value), type, id);
  return stored.ok ? ok(metaAnswer(stored.value.json)) : stored;
}

async function readMetas(
  { principal, store, resourceType }: OperationRequest,
  { definitions, baseUrl }: CoreDeps,
): Promise<Result<Resource>> {
  const wanted = resourceType === undefined ? [...definitions.types] : [resourceType];
  const types = wanted.filter((type) => may(principal, type, 's'));
  if (types.length === 0) return fail('forbidden', "The access token's scopes do not allow searching.");
  const visible = toldTo(principal, visibilityOf(principal, 's'));
  const found: Record<keyof MetaSets, Map<string, unknown>> = {
    profile: new Map(),
    tag: new Map(),
    security: new Map(),
  };
  let looked = 0;
  for (const name of metaNames) {
    const asked: [string, string][] = [
      [`_${name}:missing`, 'false'],
      ['_count', String(limits.search.maxCount)],
    ];
    const parsed = parseScopedSearch(definitions, { types }, asked, { handling: 'strict', baseUrl });
    if (!parsed.ok) return parsed;
    let cursor: string | undefined;
    do {
      const page = await store.search({ ...parsed.value.query, ...(cursor !== undefined && { cursor }) }, visible);
      if (!page.ok) return page;
      looked += page.value.matches.length;
      if (looked > limits.search.maxMetas) {
        const text = `More than ${limits.search.maxMetas} resources have profiles, tags or labels: ask the server's types one by one.`;
        return fail('too-large', text);
      }
      for (const stored of page.value.matches) {
        for (const item of itemsOf(stored, name)) found[name].set(metaKey(item), item);
      }
      cursor = page.value.next;
    } while (cursor !== undefined);
  }
  const sets = metaNames.map((name) => [name, [...found[name].values()]] as const);
  const meta = Object.fromEntries(sets.filter(([, items]) => items.length > 0));
  const parameter = Object.keys(meta).length > 0 ? [{ name: 'return', valueMeta: meta }] : undefined;
  return ok({ resourceType: 'Parameters', ...(parameter && { parameter }) });
}

function itemsOf(stored: Stored, name: keyof MetaSets): readonly unknown[] {
  // The store writes resources only, so the shape of its text is known.
  const { meta } = parseJson(stored.json) as Resource;
  return meta?.[name] ?? [];
}

/** The answer of all meta operations: the meta of a stored resource. */
export function metaAnswer(json: string): Resource {
  const { meta } = parseJson(json) as Resource;
  return { resourceType: 'Parameters', ...(meta && { parameter: [{ name: 'return', valueMeta: meta }] }) };
}
