import fhirModel from 'cql-exec-fhir';
import cql from 'cql-execution';
import { createUcum } from '../../../../src/fhir/ucum.ts';
import { Code, Concept } from '../../../../src/measures/engine/values/code.ts';
import { CqlDate } from '../../../../src/measures/engine/values/date.ts';
import { CqlDateTime } from '../../../../src/measures/engine/values/date-time.ts';
import { Decimal } from '../../../../src/measures/engine/values/decimal.ts';
import { Interval } from '../../../../src/measures/engine/values/interval.ts';
import { Quantity, Ratio } from '../../../../src/measures/engine/values/quantity.ts';
import { CqlTime } from '../../../../src/measures/engine/values/time.ts';
import { Tuple } from '../../../../src/measures/engine/values/tuple.ts';
import type { Value } from '../../../../src/measures/engine/values/types.ts';
import { Uncertainty } from '../../../../src/measures/engine/values/uncertainty.ts';
import { Units } from '../../../../src/measures/engine/values/units.ts';
import { child } from '../logic-of.ts';
import { showAlike } from './show.ts';

const units = new Units(createUcum());

/** What cql-execution makes of the definitions of a library, shown; `error` for one that throws. */
export async function askOracle(
  elm: unknown,
  names: readonly string[],
  codes: Record<string, Record<string, { system: string; code: string }[]>>,
): Promise<string[]> {
  const library: any = new cql.Library(elm);
  const wrapper = fhirModel.FHIRWrapper.FHIRv401();
  const patient: any = wrapper.wrap(child);
  patient.findRecords = () => [patient];
  const now = (cql as any).DateTime.parse('2026-06-15T12:00:00.000+00:00');
  const context: any = new (cql as any).PatientContext(library, patient, new cql.CodeService(codes), {}, now);
  const answers: string[] = [];
  for (const name of names) {
    try {
      answers.push(showAlike(ourValue(await library.expressions[name].execute(context))));
    } catch {
      answers.push('error');
    }
  }
  return answers;
}

/** Its values as ours. A number without a fraction is an Integer, as it has one type of number only. */
function ourValue(value: any): Value {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return Number.isInteger(value) ? value : Decimal.fromNumber(value);
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(ourValue);
  if (value.isUncertainty) return Uncertainty.between(value.low, value.high);
  if (value.isInterval)
    return new Interval(ourValue(value.low), ourValue(value.high), value.lowClosed, value.highClosed);
  if (value.isDateTime) return dateTimeOf(value);
  if (value.isDate) return CqlDate.of(value.year, value.month ?? 0, value.day ?? 0);
  if (value.isQuantity) return new Quantity(decimalOf(value.value), units.of(value.unit));
  if (value.isRatio) return ratioOf(ourValue(value.numerator), ourValue(value.denominator));
  if (value.isCode) return new Code(value.code, value.system ?? null, value.version ?? null, value.display ?? null);
  if (value.isConcept) return new Concept(value.codes.map(ourValue), value.display ?? null);
  return new Tuple(Object.fromEntries(Object.entries(value).map(([key, element]) => [key, ourValue(element)])));
}

function decimalOf(value: number): Decimal {
  return Decimal.fromNumber(value) ?? Decimal.zero;
}

function ratioOf(numerator: Value, denominator: Value): Value {
  return numerator instanceof Quantity && denominator instanceof Quantity ? new Ratio(numerator, denominator) : null;
}

/** A time of day is a DateTime of the year 0 to it. */
function dateTimeOf(value: any): Value {
  const { year, month, day, hour, minute, second, millisecond } = value;
  const known = (parts: (number | null)[]) =>
    parts.filter((part): part is number => part !== null && part !== undefined);
  if (value.isTime()) return CqlTime.of(known([hour, minute, second, millisecond]));
  return CqlDateTime.of(known([year, month, day, hour, minute, second, millisecond]), (value.timezoneOffset ?? 0) * 60);
}
