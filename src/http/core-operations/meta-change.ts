import { actorFor } from '../../access/actor.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { patchIn } from '../interactions/patch.ts';
import { mayWrite } from '../interactions/write-steps.ts';
import type { CoreDeps } from './index.ts';
import { metaAnswer } from './meta.ts';
import { type MetaSets, metaKey, metaNames } from './meta-sets.ts';

/**
 * `$meta-add` and `$meta-delete` (FHIR R4, resource-operation-meta-add.html, resource-operation-meta-delete.html). Unlike there, a
 * change makes a new version: what a version said must stay what it said, and security labels are no exception. What changes
 * nothing keeps the version.
 */
export function metaChanges(deps: CoreDeps): Operation[] {
  const shared = { level: 'instance', affectsState: true, parameters: ['meta'], requires: [] } as const;
  return [
    {
      ...shared,
      name: 'meta-add',
      definition: 'http://hl7.org/fhir/OperationDefinition/Resource-meta-add',
      handle: (request) => change(request, deps, added),
    },
    {
      ...shared,
      name: 'meta-delete',
      definition: 'http://hl7.org/fhir/OperationDefinition/Resource-meta-delete',
      handle: (request) => change(request, deps, removed),
    },
  ];
}

async function change(
  { principal, store, resourceType: type = '', id = '', parameters, requestId }: OperationRequest,
  { definitions, validate, baseUrl, pageLinks, clock }: CoreDeps,
  combine: typeof added,
): Promise<Result<Resource>> {
  const actor = actorFor(principal, requestId);
  const context = { principal, actor, store, definitions, validate, baseUrl, pageLinks, clock };
  const allowed = mayWrite(type, 'u', context);
  if (!allowed.ok) return allowed;
  const given = setsOf(parameters.value?.('meta'));
  if (!given)
    return fail('invalid', 'The parameter meta must be a Meta with profiles, tags or security labels.', {
      code: 'required',
    });
  const written = await store.transact(actor, (tx) =>
    patchIn(tx, type, id, (resource) => ok(withSets(resource, given, combine)), context),
  );
  return written.ok ? ok(metaAnswer(written.value.json ?? '{}')) : written;
}

/** Undefined when it is no Meta, or names nothing. */
function setsOf(meta: unknown): MetaSets | undefined {
  if (!isObject(meta)) return undefined;
  const { profile = [], tag = [], security = [] } = meta;
  if (!isList(profile, isText) || !isList(tag, isObject) || !isList(security, isObject)) return undefined;
  return profile.length + tag.length + security.length > 0 ? { profile, tag, security } : undefined;
}

function isList<T>(value: unknown, isItem: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(isItem);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withSets(resource: Resource, given: MetaSets, combine: typeof added): Resource {
  const meta: Record<string, unknown> = { ...resource.meta };
  for (const name of metaNames) {
    const current: unknown = meta[name] ?? [];
    const next = combine(Array.isArray(current) ? current : [], given[name]);
    if (next.length > 0) meta[name] = next;
    else delete meta[name];
  }
  return { ...resource, meta };
}

function added(current: readonly unknown[], given: readonly unknown[]): unknown[] {
  const all = new Map(current.map((item) => [metaKey(item), item]));
  for (const item of given) if (!all.has(metaKey(item))) all.set(metaKey(item), item);
  return [...all.values()];
}

function removed(current: readonly unknown[], given: readonly unknown[]): unknown[] {
  const keys = new Set(given.map(metaKey));
  return current.filter((item) => !keys.has(metaKey(item)));
}
