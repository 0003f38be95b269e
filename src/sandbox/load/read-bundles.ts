import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseJson } from '../../fhir/json.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Source } from './bundle-ids.ts';

function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => join(path, name));
}

/** Reads bundles from files and folders (not their subfolders). Throws with the file's name when one is not a Bundle. */
export function readBundles(paths: readonly string[]): (Source & { changedAt: Date })[] {
  return paths.flatMap(filesOf).map((file) => {
    const bundle = parseJson(readFileSync(file, 'utf8')) as Resource | null;
    if (bundle?.resourceType !== 'Bundle') throw new Error(`${file} is not a FHIR Bundle.`);
    return { label: basename(file), bundle, changedAt: statSync(file).mtime };
  });
}
