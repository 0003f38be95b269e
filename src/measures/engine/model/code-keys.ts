import type { Value } from '../values/types.ts';
import { FhirElement } from './element.ts';
import { isObject } from './json.ts';

/**
 * The codes at a path of a record, as `system|code`; a `code` element has no system (`|finished`). A reference there is followed to a
 * Medication (or the like) in the slice, whose own code counts: a prescription names its medicine in either way.
 */
export function codeKeys(record: FhirElement, path: string): ReadonlySet<string> {
  const plain = plainKeys(record, path);
  if (plain) return plain;
  const keys = new Set<string>();
  let values: readonly Value[] = [record];
  for (const name of path.split('.')) {
    values = values.flatMap((value) => (value instanceof FhirElement ? value.each(name) : []));
  }
  for (const value of values) if (value instanceof FhirElement) addKeys(value, keys);
  return keys;
}

/**
 * The same for what most records have, CodeableConcepts with codings and nothing else, read from the JSON without making elements of it. Undefined for
 * anything else, and for JSON of the wrong kind: then the elements say what is wrong with it.
 */
function plainKeys({ type, json }: FhirElement, path: string): Set<string> | undefined {
  const choices = type.fields.get(path)?.choices;
  if (!choices || !isObject(json)) return undefined;
  const keys = new Set<string>();
  for (const choice of choices) {
    const found = json[choice.property];
    if (found === undefined) continue;
    if (choice.type()?.name !== 'CodeableConcept') return undefined;
    for (const concept of Array.isArray(found) ? found : [found]) if (!addPlain(concept, keys)) return undefined;
  }
  return keys;
}

function addPlain(concept: unknown, keys: Set<string>): boolean {
  if (!isObject(concept) || concept.extension !== undefined) return false;
  if (concept.coding === undefined) return true;
  if (!Array.isArray(concept.coding)) return false;
  for (const coding of concept.coding) {
    if (!isObject(coding) || typeof coding.code !== 'string' || typeof coding.system !== 'string') return false;
    keys.add(`${coding.system || '?'}|${coding.code}`);
  }
  return true;
}

/** Codes of a CodeableConcept, Coding, Quantity, code or Reference. */
function addKeys(element: FhirElement, keys: Set<string>): void {
  const { type, json } = element;
  if (type.isPrimitive) {
    if (typeof json === 'string') keys.add(`|${json}`);
  } else if (type.name === 'CodeableConcept') {
    for (const coding of element.each('coding')) if (coding instanceof FhirElement) addCoding(coding, keys);
    addNotDone(element, keys);
  } else if (type.name === 'Reference') {
    const reference = textAt(element, 'reference');
    const target = reference === null ? undefined : element.view.resolve(reference, element.resource);
    for (const code of target?.each('code') ?? [])
      if (code instanceof FhirElement && !isReference(code)) addKeys(code, keys);
  } else {
    addCoding(element, keys);
  }
}

/** A reference behind a reference is not followed: two of them could lead in a circle. */
function isReference({ type }: FhirElement): boolean {
  return type.name === 'Reference';
}

function addCoding(coding: FhirElement, keys: Set<string>): void {
  const code = textAt(coding, 'code');
  // Without a system it is nobody's code: `|` alone is for elements whose system FHIR implies.
  if (code !== null) keys.add(`${textAt(coding, 'system') || '?'}|${code}`);
}

/** What was not done may be said by a whole value set instead of a code. Source: QI-Core, notDoneValueSet. */
function addNotDone(concept: FhirElement, keys: Set<string>): void {
  if (!isObject(concept.json) || concept.json.extension === undefined) return;
  for (const extension of concept.each('extension')) {
    if (!(extension instanceof FhirElement) || textAt(extension, 'url')?.endsWith('notDoneValueSet') !== true) continue;
    const valueSet = textAt(extension, 'value');
    if (valueSet !== null) keys.add(valueSetKey(valueSet));
  }
}

const valueSetPrefix = 'valueset:';

/** The key that stands for every code of a value set. */
export function valueSetKey(url: string): string {
  return `${valueSetPrefix}${url.split('|')[0]}`;
}

export function isValueSetKey(key: string): boolean {
  return key.startsWith(valueSetPrefix);
}

function textAt(element: FhirElement, name: string): string | null {
  const found = element.get(name);
  const value = found instanceof FhirElement ? found.value : found;
  return typeof value === 'string' ? value : null;
}
