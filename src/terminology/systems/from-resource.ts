import type { r4 } from '../../fhir/types.ts';
import type { Concept, SystemReader } from '../types.ts';
import { memorySystem } from './memory-system.ts';

/** The types of a system's properties by name: the declared ones and those only used. */
export function propertyTypes(codeSystem: r4.CodeSystem, concepts: readonly Concept[]): Map<string, string> {
  const types = new Map<string, string>();
  for (const { properties } of concepts) for (const name of Object.keys(properties)) types.set(name, 'string');
  for (const { code, type } of codeSystem.property ?? []) types.set(code, type);
  return types;
}

/** Reads a CodeSystem resource as a code system in memory. */
export function systemOf(codeSystem: r4.CodeSystem): SystemReader {
  const concepts = conceptsOf(codeSystem);
  const about: Pick<SystemReader, 'url' | 'version' | 'name' | 'complete' | 'properties'> = {
    url: codeSystem.url ?? '',
    complete: codeSystem.content === 'complete',
    properties: propertyTypes(codeSystem, concepts),
  };
  if (codeSystem.version !== undefined) about.version = codeSystem.version;
  const name = codeSystem.title ?? codeSystem.name;
  if (name !== undefined) about.name = name;
  return memorySystem(about, concepts);
}

/** The concepts of a CodeSystem in the order they are written, parents before children. A code given twice counts once. */
export function conceptsOf(codeSystem: r4.CodeSystem): Concept[] {
  const parents = new Map<string, Set<string>>();
  const found = new Map<string, r4.CodeSystemConcept>();
  const open = (codeSystem.concept ?? []).map((concept) => ({ concept, parent: '' })).reverse();
  for (let next = open.pop(); next; next = open.pop()) {
    const { concept, parent } = next;
    if (!found.has(concept.code)) found.set(concept.code, concept);
    if (parent !== '') addTo(parents, concept.code, parent);
    for (const { code, valueCode } of concept.property ?? []) {
      if (code === 'parent' && valueCode) addTo(parents, concept.code, valueCode);
      if (code === 'child' && valueCode) addTo(parents, valueCode, concept.code);
    }
    const children = (concept.concept ?? []).map((child) => ({ concept: child, parent: concept.code }));
    open.push(...children.reverse());
  }
  return [...found.values()].map((concept) => conceptOf(concept, [...(parents.get(concept.code) ?? [])]));
}

function addTo(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  if (set) set.add(value);
  else sets.set(key, new Set([value]));
}

function conceptOf(concept: r4.CodeSystemConcept, parents: string[]): Concept {
  const properties: Record<string, string[]> = {};
  for (const property of concept.property ?? []) {
    if (property.code === 'parent' || property.code === 'child') continue;
    const value = textOf(property);
    if (value === undefined) continue;
    if (Object.hasOwn(properties, property.code)) properties[property.code]?.push(value);
    else Object.defineProperty(properties, property.code, { value: [value], enumerable: true, configurable: true });
  }
  const flag = (name: string) => Object.hasOwn(properties, name) && properties[name]?.includes('true');
  const read: Concept = {
    code: concept.code,
    parents,
    properties,
    designations: concept.designation ?? [],
    active: !(flag('inactive') || (Object.hasOwn(properties, 'status') && properties.status?.includes('retired'))),
    abstract: Boolean(flag('notSelectable') || flag('abstract')),
  };
  if (concept.display !== undefined) read.display = concept.display;
  return read;
}

function textOf(property: r4.CodeSystemConceptProperty): string | undefined {
  const { valueCode, valueString, valueInteger, valueBoolean, valueDateTime, valueDecimal, valueCoding } = property;
  const value =
    valueCode ?? valueString ?? valueInteger ?? valueBoolean ?? valueDateTime ?? valueDecimal ?? valueCoding?.code;
  return value === undefined ? undefined : String(value);
}
