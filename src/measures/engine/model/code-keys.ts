import type { Value } from '../values/types.ts';
import { FhirElement } from './element.ts';
import { isObject } from './json.ts';

/** What is told of the codes of a record; perhaps several times of one code. */
export interface CodeSink {
  addCoding(system: string, code: string, record: FhirElement): void;
  /** A `code` element has no system. */
  addBare(code: string, record: FhirElement): void;
  /** A value set of which nothing was done, by its URL without a version. */
  addWholeSet(url: string, record: FhirElement): void;
}

/**
 * Tells the codes at a path of a record. A reference there is followed to a Medication (or the like) in the slice, whose own code
 * counts: a prescription names its medicine in either way.
 */
export function addCodes(record: FhirElement, path: string, to: CodeSink): void {
  if (addPlain(record, path, to)) return;
  let values: readonly Value[] = [record];
  for (const name of path.split('.')) {
    values = values.flatMap((value) => (value instanceof FhirElement ? value.each(name) : []));
  }
  for (const value of values) if (value instanceof FhirElement) addElement(value, to, record);
}

/**
 * The same for what most records have, CodeableConcepts with codings and nothing else, read from the JSON without making elements of it. False for
 * anything else, and for JSON of the wrong kind: then the elements say what is wrong with it. What was told before that is told again.
 */
function addPlain(record: FhirElement, path: string, to: CodeSink): boolean {
  const { type, json } = record;
  const choices = type.fields.get(path)?.choices;
  if (!choices || !isObject(json)) return false;
  for (const choice of choices) {
    const found = json[choice.property];
    if (found === undefined) continue;
    if (choice.type()?.name !== 'CodeableConcept') return false;
    if (!Array.isArray(found)) {
      if (!addConcept(found, to, record)) return false;
    } else for (const concept of found) if (!addConcept(concept, to, record)) return false;
  }
  return true;
}

function addConcept(concept: unknown, to: CodeSink, record: FhirElement): boolean {
  if (!isPlain(concept) || concept.extension !== undefined) return false;
  const { coding: codings } = concept;
  if (codings === undefined) return true;
  if (!Array.isArray(codings)) return false;
  for (const coding of codings) {
    if (!isPlain(coding) || typeof coding.code !== 'string' || typeof coding.system !== 'string') return false;
    // Without a system it is nobody's code.
    if (coding.system !== '') to.addCoding(coding.system, coding.code, record);
  }
  return true;
}

/** A number whose digits are kept has none of the properties that are looked for. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Codes of a CodeableConcept, Coding, Quantity, code or Reference. */
function addElement(element: FhirElement, to: CodeSink, record: FhirElement): void {
  const { type, json } = element;
  if (type.isPrimitive) {
    if (typeof json === 'string') to.addBare(json, record);
  } else if (type.name === 'CodeableConcept') {
    for (const coding of element.each('coding')) if (coding instanceof FhirElement) addCoding(coding, to, record);
    addNotDone(element, to, record);
  } else if (type.name === 'Reference') {
    const reference = textAt(element, 'reference');
    const target = reference === null ? undefined : element.view.resolve(reference, element.resource);
    for (const code of target?.each('code') ?? [])
      if (code instanceof FhirElement && !isReference(code)) addElement(code, to, record);
  } else {
    addCoding(element, to, record);
  }
}

/** A reference behind a reference is not followed: two of them could lead in a circle. */
function isReference({ type }: FhirElement): boolean {
  return type.name === 'Reference';
}

function addCoding(coding: FhirElement, to: CodeSink, record: FhirElement): void {
  const code = textAt(coding, 'code');
  const system = textAt(coding, 'system');
  // Without a system it is nobody's code: only elements whose system FHIR implies go without.
  if (code !== null && system) to.addCoding(system, code, record);
}

/** What was not done may be said by a whole value set instead of a code. Source: QI-Core, notDoneValueSet. */
function addNotDone(concept: FhirElement, to: CodeSink, record: FhirElement): void {
  if (!isObject(concept.json) || concept.json.extension === undefined) return;
  for (const extension of concept.each('extension')) {
    if (!(extension instanceof FhirElement) || textAt(extension, 'url')?.endsWith('notDoneValueSet') !== true) continue;
    const valueSet = textAt(extension, 'value');
    if (valueSet !== null) to.addWholeSet(canonicalOf(valueSet), record);
  }
}

/** The URL of a value set without its version. */
export function canonicalOf(url: string): string {
  const bar = url.indexOf('|');
  return bar < 0 ? url : url.slice(0, bar);
}

function textAt(element: FhirElement, name: string): string | null {
  const found = element.get(name);
  const value = found instanceof FhirElement ? found.value : found;
  return typeof value === 'string' ? value : null;
}
