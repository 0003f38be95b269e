import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { r4 } from '../fhir/types.ts';
import { assemble, libraryOf, valueSetIssue } from './definition/assemble.ts';
import { headOf } from './definition/reach.ts';
import type { MeasureDefinition } from './types.ts';

export interface ShippedDirs {
  /** profiles/measures */
  profilesDir: string;
  /** Where the build put the ELM. */
  buildDir: string;
  /** Names of FHIR's resource types. */
  types: ReadonlySet<string>;
}

/**
 * Reads every measure of `profilesDir` with the ELM that the build made of it. Throws when a part is missing or does not fit
 * the others: such a house was not built, and must not start.
 */
export function loadMeasures(dirs: ShippedDirs): MeasureDefinition[] {
  return readdirSync(dirs.profilesDir)
    .sort()
    .filter((name) => existsSync(path.join(dirs.profilesDir, name, 'measure.json')))
    .map((name) => loadMeasure(name, dirs));
}

function loadMeasure(name: string, { profilesDir, buildDir, types }: ShippedDirs): MeasureDefinition {
  const dir = path.join(profilesDir, name);
  const elmFile = path.join(buildDir, `${name}.json`);
  if (!existsSync(elmFile)) throw new Error(`measure ${name} is not built: run "npm run build"`);
  const measure: r4.Measure = readJson(path.join(dir, 'measure.json'));
  const { elm, libraries: included }: { elm: unknown; libraries: unknown[] } = readJson(elmFile);
  // A list beside the measure stands before a shared one of the same URL.
  const valueSets = [
    ...readValueSets(path.join(dir, 'value-sets')),
    ...readValueSets(path.join(profilesDir, 'libraries', 'value-sets')),
  ];
  const libraries = [
    libraryOf(elm, readFileSync(path.join(dir, 'logic.cql'), 'utf8')),
    ...included.map((each) => {
      const source = path.join(profilesDir, 'libraries', `${headOf(each).id}.cql`);
      return libraryOf(each, readFileSync(source, 'utf8'));
    }),
  ];
  const valueSet = ({ url }: { url: string }) => valueSets.find((set) => set.url === url);
  const { definition, issues, unknown } = assemble({ measure, types, libraries, valueSet });
  const all = [...issues, ...unknown.map((declared) => valueSetIssue(declared))];
  const problems = all.map(({ text, expression }) => `${expression?.[0]}: ${text}`);
  if (definition.name !== name) problems.push('Measure.id: has to be the name of its folder');
  if (problems.length > 0) throw new Error(`measure ${name}: ${problems.join('; ')}`);
  return definition;
}

function readValueSets(dir: string): r4.ValueSet[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file): r4.ValueSet => readJson(path.join(dir, file)));
}

/** Our own files, checked by the build and by their tests. */
function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}
