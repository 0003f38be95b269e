import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The paths of a type that the definitions mark as summary (ElementDefinition.isSummary), choices as `Observation.value[x]`;
 * true when the inside of the element is defined in the same place, so that its own elements are marked or not.
 */
export function readSummaryPaths(dir: string, type: string): ReadonlyMap<string, boolean> {
  const file = join(dir, `${type}.json`);
  if (!existsSync(file)) return new Map();
  // Written by our own build from the published definitions, so the shape is taken on trust.
  const { snapshot } = JSON.parse(readFileSync(file, 'utf8')) as {
    snapshot: { element: { path: string; isSummary?: boolean }[] };
  };
  const parents = new Set(snapshot.element.map(({ path }) => path.slice(0, Math.max(0, path.lastIndexOf('.')))));
  return new Map(
    snapshot.element.filter(({ isSummary }) => isSummary === true).map(({ path }) => [path, parents.has(path)]),
  );
}
