import { FhirElement } from '../engine/model/element.ts';
import { Code, Concept } from '../engine/values/code.ts';
import { Tuple } from '../engine/values/tuple.ts';
import type { Value } from '../engine/values/types.ts';
import { Uncertainty } from '../engine/values/uncertainty.ts';
import { codeStratum, type Stratum, unknownStratum } from '../stratum.ts';

/** How a value of the logic is written as a stratum. Several different values are told together, as text. */
export function stratumOf(value: Value): Stratum {
  return strataOf(value).join('; ');
}

/** Every value of a list, of one, or none when unknown; sorted, each once, so that the order of records does not show. */
export function strataOf(value: Value): Stratum[] {
  // Most are not known, or one code.
  if (value === null) return [];
  const only = Array.isArray(value) ? value[0] : value;
  if (Array.isArray(value) && value.length === 0) return [];
  if (only instanceof Code && !(Array.isArray(value) && value.length > 1)) {
    const stratum = codeOf(only);
    return stratum === unknownStratum ? [] : [stratum];
  }
  const found = new Set<Stratum>();
  collect(value, found);
  found.delete(unknownStratum);
  return [...found].sort();
}

function collect(value: Value, found: Set<Stratum>): void {
  if (value === null || value instanceof Uncertainty) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, found);
  } else if (value instanceof Concept) {
    found.add(value.codes[0] ? codeOf(value.codes[0]) : (value.display ?? unknownStratum));
  } else if (value instanceof Tuple) {
    // Published elements answer with { codes, display } or { code, period }.
    const coded = value.get('codes') ?? value.get('code');
    collect(coded === null || (Array.isArray(coded) && coded.length === 0) ? value.get('display') : coded, found);
  } else if (value instanceof FhirElement) {
    collectElement(value, found);
  } else found.add(value instanceof Code ? codeOf(value) : String(value));
}

function collectElement(element: FhirElement, found: Set<Stratum>): void {
  if (element.type.isPrimitive) collect(element.value, found);
  else if (element.isOfType('Coding')) found.add(codingOf(element));
  else if (element.isOfType('CodeableConcept')) {
    const [first] = element.each('coding').filter((coding) => coding instanceof FhirElement);
    found.add(first ? codingOf(first) : textOf(element, 'text'));
  }
}

function codeOf({ system, code }: Code): Stratum {
  return code === null ? unknownStratum : codeStratum(system ?? undefined, code);
}

function codingOf(coding: FhirElement): Stratum {
  const code = textOf(coding, 'code');
  return code === '' ? textOf(coding, 'display') : codeStratum(textOf(coding, 'system') || undefined, code);
}

function textOf(element: FhirElement, name: string): string {
  const text = element.get(name);
  const value = text instanceof FhirElement ? text.value : text;
  return typeof value === 'string' ? value : '';
}
