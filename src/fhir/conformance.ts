import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from './json.ts';
import type { Resource } from './types.ts';

const folders = [
  'structure-definitions',
  'code-systems',
  'value-sets',
  'concept-maps',
  'search-parameters',
  'operations',
  'questionnaires',
  'plan-definitions',
];

/** The conformance resources under `profiles/`, one JSON file each; each has a fixed id. Throws on a file that is not a resource: it is ours. */
export function readConformance(profilesDir: string): Resource[] {
  return folders.flatMap((folder) => {
    const path = join(profilesDir, folder);
    if (!existsSync(path)) return [];
    const files = readdirSync(path)
      .filter((name) => name.endsWith('.json'))
      .sort();
    return files.map((name) => parseJson(readFileSync(join(path, name), 'utf8')) as Resource);
  });
}
