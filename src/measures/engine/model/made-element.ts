import { CqlDate } from '../values/date.ts';
import { CqlDateTime } from '../values/date-time.ts';
import { Decimal } from '../values/decimal.ts';
import { CqlTime } from '../values/time.ts';
import type { Value } from '../values/types.ts';
import { FhirElement } from './element.ts';
import type { FhirField, FhirType } from './fhir-model.ts';
import type { SliceView } from './slice-view.ts';

/**
 * An element that logic makes itself, such as a FHIR.CodeableConcept to call a function with. It is part of no record; where one has to be named, that is
 * the Patient. Elements that are null are left out.
 */
export function makeElement(type: FhirType, values: Readonly<Record<string, Value>>, view: SliceView): FhirElement {
  const json: Record<string, unknown> = {};
  const sibling: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    const field = type.fields.get(name);
    const property = field && value !== null ? propertyOf(field, value) : undefined;
    if (property !== undefined) Object.assign(type.isPrimitive ? sibling : json, written(property, value));
  }
  const [patient] = view.all('Patient');
  if (!type.isPrimitive) return new FhirElement(type, json, undefined, view, patient);
  const hasSibling = Object.keys(sibling).length > 0;
  return new FhirElement(type, jsonOf(values.value ?? null), hasSibling ? sibling : undefined, view, patient);
}

/** The JSON property for a value: of a choice, the one of its type. */
function propertyOf({ choices }: FhirField, value: Value): string | undefined {
  const [first] = choices;
  if (choices.length === 1) return first?.property;
  const one: Value = Array.isArray(value) ? (value[0] ?? null) : value;
  return one instanceof FhirElement ? choices.find((choice) => choice.type() === one.type)?.property : undefined;
}

/** A value as the JSON of a property, with the extensions of a primitive beside it. */
function written(property: string, value: Value): Record<string, unknown> {
  const items = Array.isArray(value) ? value : [value];
  const siblings = items.map((item) => (item instanceof FhirElement ? (item.sibling ?? null) : null));
  const list = items.map(jsonOf);
  const json = Array.isArray(value) ? { [property]: list } : { [property]: list[0] };
  if (siblings.every((item) => item === null)) return json;
  return { ...json, [`_${property}`]: Array.isArray(value) ? siblings : siblings[0] };
}

function jsonOf(value: Value): unknown {
  if (value instanceof FhirElement) return value.json;
  if (value instanceof Decimal) return JSON.rawJSON(value.toString());
  if (value instanceof CqlDate || value instanceof CqlDateTime || value instanceof CqlTime) return value.toString();
  return value === null || typeof value !== 'object' ? value : null;
}
