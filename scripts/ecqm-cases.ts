/**
 * `node scripts/ecqm-cases.ts --measure <name> --cases <file> --value-sets <file> [--json]`: evaluates a measure of ours for published
 * test cases, with the published codes in place of our own, and prints for each case whether every population agrees. Ends with 1
 * when one differs without a reason in profiles/measures/<name>/published-cases.json, with 2 when it cannot be run. See ecqm/README.md.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadDefinitions } from '../src/fhir/definitions.ts';
import { createEngine } from '../src/measures/engine/engine.ts';
import { loadMeasures } from '../src/measures/load.ts';
import { compareCase, isSettled, type Verdict } from './ecqm/compare.ts';
import type { CaseMapping, PublishedCase, PublishedValueSet } from './ecqm/published.ts';
import { replaceValueSets } from './ecqm/replace-value-sets.ts';

const root = path.join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    measure: { type: 'string' },
    cases: { type: 'string' },
    'value-sets': { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

try {
  const verdicts = await run(asked('measure'), asked('cases'), asked('value-sets'));
  process.stdout.write(values.json ? `${JSON.stringify(verdicts, undefined, 2)}\n` : verdicts.map(line).join(''));
  const open = verdicts.filter((verdict) => !isSettled(verdict)).length;
  process.stderr.write(
    `${verdicts.length} cases, ${verdicts.filter(agrees).length} agree, ${open} differ unexplained\n`,
  );
  process.exitCode = open > 0 ? 1 : 0;
} catch (fault) {
  process.stderr.write(`${fault instanceof Error ? fault.message : String(fault)}\n`);
  process.exitCode = 2;
}

async function run(name: string, casesFile: string, valueSetsFile: string): Promise<Verdict[]> {
  const mapping: CaseMapping = readJson(path.join(root, 'profiles/measures', name, 'published-cases.json'));
  const cases: PublishedCase[] = readJson(casesFile);
  const published: PublishedValueSet[] = readJson(valueSetsFile);
  const { types, schema } = loadDefinitions(path.join(root, 'build/fhir'));
  const dirs = {
    profilesDir: path.join(root, 'profiles/measures'),
    buildDir: path.join(root, 'build/measures'),
    types,
  };
  const ours = loadMeasures(dirs);
  const definition = ours.find((measure) => measure.name === name);
  if (!definition) throw new Error(`there is no measure ${name}`);
  const { valueSets, kept } = replaceValueSets(definition.valueSets, mapping, published);
  for (const url of kept) process.stderr.write(`keeps our own codes: ${url}\n`);
  const tried = { ...definition, valueSets };
  const measure = { ...tried, ...createEngine(schema)(tried) };
  const verdicts: Verdict[] = [];
  for (const each of cases) verdicts.push(await compareCase(measure, each, mapping));
  return verdicts;
}

function agrees({ differences, error }: Verdict): boolean {
  return differences.length === 0 && error === undefined;
}

function line(verdict: Verdict): string {
  const { differences, error, explained, description } = verdict;
  const told = differences.map(
    ({ group, population, expected, found }) => `${group} ${population}: expected ${expected}, found ${found}`,
  );
  const state = agrees(verdict) ? 'agrees ' : 'differs';
  const why = [
    ...(error === undefined ? [] : [error]),
    ...told,
    ...(explained === undefined ? [] : [`explained: ${explained}`]),
  ];
  return `${state} ${verdict.case}  ${description}${why.map((text) => `\n          ${text}`).join('')}\n`;
}

function asked(name: 'measure' | 'cases' | 'value-sets'): string {
  const value = values[name];
  if (value === undefined) throw new Error(`--${name} is missing`);
  return value;
}

/** Files that whoever runs this has chosen. */
function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}
