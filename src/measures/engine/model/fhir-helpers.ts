import { Code, Concept, ValueSet } from '../values/code.ts';
import { Decimal } from '../values/decimal.ts';
import { Interval } from '../values/interval.ts';
import { predecessor, successor } from '../values/points.ts';
import { Quantity, Ratio } from '../values/quantity.ts';
import type { Value } from '../values/types.ts';
import type { Units } from '../values/units.ts';
import { FhirElement } from './element.ts';

/** A function of FHIRHelpers with one operand. */
export type Helper = (value: Value, units: Units) => Value;

/**
 * FHIRHelpers, the library that turns FHIR's types into CQL's, known natively. Source: the public FHIRHelpers 4.0.1 and 4.4.000. What its text
 * calls an error (a quantity with a comparator, a unit of another system than UCUM) is null here: one odd value must not stop a child's measure.
 */
export const fhirHelpers: Readonly<Record<string, Helper>> = {
  ToString: primitiveOf,
  ToBoolean: primitiveOf,
  ToInteger: primitiveOf,
  ToDecimal: primitiveOf,
  ToDate: primitiveOf,
  ToDateTime: primitiveOf,
  ToTime: primitiveOf,
  ToCode: (value) => (value instanceof FhirElement ? value.converted(toCode) : value),
  ToConcept: (value) => (value instanceof FhirElement ? value.converted(toConcept) : value),
  ToQuantity: (value, units) => toQuantity(value, units, false),
  ToQuantityIgnoringComparator: (value, units) => toQuantity(value, units, true),
  ToInterval: (value, units) =>
    value instanceof FhirElement ? value.converted((element) => toInterval(element, units)) : value,
  ToRatio: (value, units) => {
    if (!(value instanceof FhirElement)) return value;
    const numerator = toQuantity(value.get('numerator'), units, false);
    const denominator = toQuantity(value.get('denominator'), units, false);
    return numerator instanceof Quantity && denominator instanceof Quantity ? new Ratio(numerator, denominator) : null;
  },
  ToValueSet: (value) => {
    const url = primitiveOf(value);
    return typeof url === 'string' ? new ValueSet(url, null, []) : null;
  },
  // What models that map onto FHIR make of an element of several types: whatever System type it has, else itself.
  ToValue: (value, units) =>
    value instanceof FhirElement ? value.converted((element) => toValue(element, units)) : value,
  ToCalendarUnit: (value) => (typeof value === 'string' ? (calendarUnits[value] ?? value) : null),
};

/** Units of UCUM that FHIRHelpers takes for durations of the calendar. */
const calendarUnits: Readonly<Record<string, string>> = {
  ms: 'millisecond',
  s: 'second',
  min: 'minute',
  h: 'hour',
  d: 'day',
  wk: 'week',
  mo: 'month',
  a: 'year',
};

const unitSystems = ['http://unitsofmeasure.org', 'http://hl7.org/fhirpath/CodeSystem/calendar-units'];

function primitiveOf(value: Value): Value {
  return value instanceof FhirElement ? value.value : value;
}

function textAt(element: FhirElement, name: string): string | null {
  const value = primitiveOf(element.get(name));
  return typeof value === 'string' ? value : null;
}

function toValue(element: FhirElement, units: Units): Value {
  const { type } = element;
  if (type.isPrimitive) return element.value;
  if (type.name === 'Coding') return toCode(element);
  if (type.name === 'CodeableConcept') return toConcept(element);
  if (type.name === 'Period' || type.name === 'Range') return toInterval(element, units);
  if (type.name === 'Ratio') return fhirHelpers.ToRatio?.(element, units) ?? null;
  return type.is('Quantity') ? toQuantity(element, units, false) : element;
}

/** A Coding as a Code. A `code` has no system, and is none. */
function toCode(element: FhirElement): Value {
  if (element.type.isPrimitive) return null;
  return new Code(
    textAt(element, 'code'),
    textAt(element, 'system'),
    textAt(element, 'version'),
    textAt(element, 'display'),
  );
}

function toConcept(element: FhirElement): Value {
  const codes = element.each('coding').flatMap((coding) => {
    const code = coding instanceof FhirElement ? toCode(coding) : null;
    return code instanceof Code ? [code] : [];
  });
  return new Concept(codes, textAt(element, 'text'));
}

function toQuantity(value: Value, units: Units, ignoresComparator: boolean): Value {
  if (!(value instanceof FhirElement)) return value;
  const number = primitiveOf(value.get('value'));
  const system = textAt(value, 'system');
  if (!(number instanceof Decimal)) return null;
  if (value.get('comparator') !== null && !ignoresComparator) return null;
  if (system !== null && !unitSystems.includes(system)) return null;
  const unit = textAt(value, 'code') ?? textAt(value, 'unit') ?? '1';
  return new Quantity(number, units.of(calendarUnits[unit] ?? unit));
}

/** A Period, a Range, or the amounts that a Quantity with a comparator stands for. */
function toInterval(element: FhirElement, units: Units): Value {
  if (element.type.name === 'Period') {
    const start = primitiveOf(element.get('start'));
    // A period without a start began nobody knows when; one without an end goes on.
    return new Interval(start, primitiveOf(element.get('end')), start !== null, true, 'DateTime');
  }
  if (element.type.name === 'Range') {
    const low = toQuantity(element.get('low'), units, false);
    return new Interval(low, toQuantity(element.get('high'), units, false), true, true, 'Quantity');
  }
  return element.type.is('Quantity') ? boundedBy(element, units) : null;
}

function boundedBy(element: FhirElement, units: Units): Value {
  const quantity = toQuantity(element, units, true);
  if (!(quantity instanceof Quantity)) return null;
  switch (textAt(element, 'comparator')) {
    case null:
      return new Interval(quantity, quantity);
    case '<':
      return new Interval(null, predecessor(quantity), true, true, 'Quantity');
    case '<=':
      return new Interval(null, quantity, true, true, 'Quantity');
    case '>=':
      return new Interval(quantity, null, true, true, 'Quantity');
    case '>':
      return new Interval(successor(quantity), null, true, true, 'Quantity');
    default:
      return null;
  }
}
