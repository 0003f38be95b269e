import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadDefinitions } from '../../../src/fhir/definitions.ts';
import { createExtractor } from '../../../src/fhir/search/extract.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { type Moment, personas, whoSeesWhat } from '../support/privacy-house.ts';

/** One record refers to another by a search parameter. */
export interface Link {
  from: string;
  param: string;
  to: string;
}

/** A persona as the matrix asks about it. */
export interface Persona {
  name: string;
  story: string;
  requirements: string[];
  moments: Moment[];
  /** Every record by `Type/id`. */
  records: ReadonlyMap<string, Resource & { id: string }>;
  /** Ids of its patients. */
  patients: string[];
  links: Link[];
}

export const definitions = loadDefinitions(join(import.meta.dirname, '../../../build/fhir'));
const extract = createExtractor(definitions, { baseUrl: 'http://example.org/fhir' });

export function personaOf(name: string): Persona {
  const bundle = JSON.parse(readFileSync(join(personas, name, 'bundle.json'), 'utf8'));
  const told = whoSeesWhat(name) as unknown as Pick<Persona, 'story' | 'requirements' | 'moments'>;
  const records = new Map<string, Resource & { id: string }>();
  for (const { resource } of bundle.entry) records.set(`${resource.resourceType}/${resource.id}`, resource);
  const links: Link[] = [];
  for (const [from, record] of records) {
    for (const { param, type, id } of extract(record).references) {
      const to = `${type}/${id}`;
      if (to !== from && records.has(to)) links.push({ from, param, to });
    }
  }
  const patients = [...records.values()].flatMap(({ resourceType, id }) => (resourceType === 'Patient' ? [id] : []));
  const { story, requirements, moments } = told;
  return { name, story, requirements, moments, records, patients, links };
}

export const typeOf = (reference: string) => reference.split('/')[0] ?? '';
export const idOf = (reference: string) => reference.split('/')[1] ?? '';

export function typesOf({ records }: Persona): string[] {
  return [...new Set([...records.keys()].map(typeOf))];
}
