import type { Value } from '../values/types.ts';
import { FhirElement } from './element.ts';
import { isObject } from './json.ts';

/**
 * The codes at a path of a record, as `system|code`; a `code` element has no system (`|finished`). A reference there is followed to a
 * Medication (or the like) in the slice, whose own code counts: a prescription names its medicine in either way.
 */
export function codeKeys(record: FhirElement, path: string): Set<string> {
  const keys = new Set<string>();
  let values: readonly Value[] = [record];
  for (const name of path.split('.')) {
    values = values.flatMap((value) => (value instanceof FhirElement ? value.each(name) : []));
  }
  for (const value of values) if (value instanceof FhirElement) addKeys(value, keys);
  return keys;
}

/** Codes of a CodeableConcept, Coding, Quantity, code or Reference. */
function addKeys(element: FhirElement, keys: Set<string>): void {
  const { type, json } = element;
  if (type.isPrimitive) {
    if (typeof json === 'string') keys.add(`|${json}`);
    return;
  }
  if (!isObject(json)) return;
  if (type.name === 'CodeableConcept') {
    for (const coding of Array.isArray(json.coding) ? json.coding : []) addCoding(coding, keys);
  } else if (type.name === 'Reference') {
    const target =
      typeof json.reference === 'string' ? element.view.resolve(json.reference, element.resource) : undefined;
    for (const code of target?.each('code') ?? [])
      if (code instanceof FhirElement && !isReference(code)) addKeys(code, keys);
  } else {
    addCoding(json, keys);
  }
}

/** A reference behind a reference is not followed: two of them could lead in a circle. */
function isReference({ type }: FhirElement): boolean {
  return type.name === 'Reference';
}

function addCoding(coding: unknown, keys: Set<string>): void {
  if (!isObject(coding) || typeof coding.code !== 'string') return;
  // Without a system it is nobody's code: `|` alone is for elements whose system FHIR implies.
  keys.add(`${typeof coding.system === 'string' && coding.system !== '' ? coding.system : '?'}|${coding.code}`);
}
