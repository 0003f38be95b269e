import { authorize } from '../../access/decide.ts';
import { ok, type Result } from '../../base/errors.ts';
import { parseJson } from '../../fhir/json.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { readVisible } from '../interactions/read.ts';

/** `[type]/[id]/$meta` (FHIR R4, resource-operation-meta.html): the meta of one resource that the caller may see. */
export function metaOperation(): Operation {
  return {
    name: 'meta',
    definition: 'http://hl7.org/fhir/OperationDefinition/Resource-meta',
    level: 'instance',
    affectsState: false,
    requires: [],
    handle: readMeta,
  };
}

async function readMeta({
  principal,
  store,
  resourceType: type = '',
  id = '',
}: OperationRequest): Promise<Result<Resource>> {
  const visible = authorize(principal, type, 'r');
  if (!visible.ok) return visible;
  const stored = await readVisible(store, visible.value, type, id);
  return stored.ok ? ok(metaAnswer(stored.value.json)) : stored;
}

/** The answer of all meta operations: the meta of a stored resource. */
export function metaAnswer(json: string): Resource {
  // The store writes resources only, so the shape of its text is known.
  const { meta } = parseJson(json) as Resource;
  return { resourceType: 'Parameters', parameter: [{ name: 'return', valueMeta: meta }] };
}
