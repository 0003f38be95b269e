import { Decimal } from '../values/decimal.ts';
import { parseDate, parseDateTime, parseTime } from '../values/parse-temporal.ts';
import { maxInteger, minInteger } from '../values/points.ts';
import type { Value } from '../values/types.ts';
import type { FhirType } from './fhir-model.ts';
import { numberText } from './json.ts';
import type { Zone } from './zone.ts';

/**
 * What CQL computes with in place of a primitive of FHIR; null for a value that is none of its type. A time without an offset, which
 * FHIR forbids and senders write, is taken in the zone. Source: FHIR R4, datatypes.html.
 */
export function primitiveValue(type: FhirType, json: unknown, zone: Zone): Value {
  switch (type.name) {
    case 'boolean':
      return typeof json === 'boolean' ? json : null;
    case 'integer':
    case 'positiveInt':
    case 'unsignedInt':
      return integerOf(json);
    case 'decimal':
      return decimalOf(json);
    case 'date':
      return typeof json === 'string' ? parseDate(json) : null;
    case 'dateTime':
    case 'instant':
      return typeof json === 'string' ? parseDateTime(json, zone.offsetAtLocal) : null;
    case 'time':
      return typeof json === 'string' ? parseTime(json) : null;
    default:
      return typeof json === 'string' ? json : null;
  }
}

function integerOf(json: unknown): Value {
  const number = Number(numberText(json) ?? Number.NaN);
  return Number.isInteger(number) && number >= minInteger && number <= maxInteger ? number : null;
}

function decimalOf(json: unknown): Value {
  const text = numberText(json);
  return text === undefined ? null : (Decimal.parse(text) ?? Decimal.fromNumber(Number(text)));
}
