import { createHash } from 'node:crypto';
import { stringifyJson } from '../fhir/json.ts';
import type { Resource } from '../fhir/types.ts';
import { isShape } from './shape.ts';

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isShape(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

/**
 * SHA-256 (hex) of what a resource says: meta.versionId and meta.lastUpdated are left out, because a server may move them
 * without a change, and the order of properties does not matter. Decimals count digit for digit.
 */
export function contentHash(resource: Resource): string {
  const { meta, ...rest } = resource;
  const { versionId: _version, lastUpdated: _moment, ...said } = meta ?? {};
  const content = Object.keys(said).length > 0 ? { ...rest, meta: said } : rest;
  return createHash('sha256')
    .update(stringifyJson(sorted(content)))
    .digest('hex');
}
