import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { r4 } from '../fhir/types.ts';
import { definitionNames, libraryIdentifier, retrievedTypes, valueSetUrls } from './engine/elm.ts';
import type { GroupDefinition, MeasureDefinition } from './types.ts';

/** On a population of a Measure: the CQL definition whose resources show what the population counted. */
const evidenceExtension = 'http://careweave.org/fhir/StructureDefinition/measure-evidence';

/**
 * Reads every measure of `profilesDir` with the ELM that the build made of it. Throws when a part is missing or does not fit
 * the others: such a house was not built, and must not start.
 */
export function loadMeasures(profilesDir: string, buildDir: string): MeasureDefinition[] {
  return readdirSync(profilesDir)
    .sort()
    .filter((name) => existsSync(path.join(profilesDir, name, 'measure.json')))
    .map((name) => loadMeasure(name, profilesDir, path.join(buildDir, `${name}.json`)));
}

function loadMeasure(name: string, profilesDir: string, elmFile: string): MeasureDefinition {
  const dir = path.join(profilesDir, name);
  if (!existsSync(elmFile)) throw new Error(`measure ${name} is not built: run "npm run build"`);
  const resource: r4.Measure = readJson(path.join(dir, 'measure.json'));
  const { elm, libraries: included }: { elm: unknown; libraries: unknown[] } = readJson(elmFile);
  const cql = readFileSync(path.join(dir, 'logic.cql'), 'utf8');
  // A list beside the measure stands before a shared one of the same URL.
  const asked = new Set([elm, ...included].flatMap(valueSetUrls));
  const own = readValueSets(path.join(dir, 'value-sets'));
  const shared = readValueSets(path.join(profilesDir, 'libraries', 'value-sets')).filter(
    ({ url = '' }) => asked.has(url) && !own.some((set) => set.url === url),
  );
  const valueSets = [...own, ...shared];
  const groups = (resource.group ?? []).map((group, index) => groupOf(group, index));
  const known = definitionNames(elm);
  for (const { expression, evidence } of groups.flatMap(({ populations }) => populations)) {
    const missing = [expression, ...evidence].find((definition) => !known.has(definition));
    if (missing !== undefined) throw new Error(`measure ${name}: logic.cql does not define "${missing}"`);
  }
  const logicHash = createHash('sha256')
    .update(
      JSON.stringify([
        elm,
        included,
        groups,
        valueSets.map(({ url, compose, expansion }) => [url, compose, expansion]),
      ]),
    )
    .digest('hex');
  const retrieves = [...new Set(['Patient', ...[elm, ...included].flatMap(retrievedTypes)])].sort();
  const library = libraryIdentifier(elm);
  const libraries = [
    { ...library, cql, elm },
    ...included.map((each) => {
      const identifier = libraryIdentifier(each);
      const source = path.join(profilesDir, 'libraries', `${identifier.id}.cql`);
      return { ...identifier, cql: readFileSync(source, 'utf8'), elm: each };
    }),
  ];
  return { name, resource, groups, supplemental: [], library, cql, elm, libraries, valueSets, retrieves, logicHash };
}

function readValueSets(dir: string): r4.ValueSet[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file): r4.ValueSet => readJson(path.join(dir, file)));
}

function groupOf(group: r4.MeasureGroup, index: number): GroupDefinition {
  return {
    id: group.id ?? `group-${index + 1}`,
    scoring: 'proportion',
    basis: 'boolean',
    improvement: 'increase',
    stratifiers: [],
    populations: (group.population ?? []).map((population) => ({
      id: population.code?.coding?.[0]?.code ?? '',
      code: population.code?.coding?.[0]?.code ?? '',
      expression: population.criteria.expression ?? '',
      evidence: (population.extension ?? [])
        .filter(({ url }) => url === evidenceExtension)
        .flatMap(({ valueString }) => valueString ?? []),
    })),
  };
}

/** Our own files, checked by the build and by their tests. */
function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}
