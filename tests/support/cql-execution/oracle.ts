import { plain } from '../../../src/fhir/json.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import type { MeasureDefinition, Period } from '../../../src/measures/types.ts';
import { createReferenceEngine } from './engine.ts';

/** What a definition came to, in a form that can be compared; `fault` where the engine gave up. */
export type Answer = { value: unknown } | { fault: string };

/** The reference engine: every definition of a measure's main library, for one child. Days of the period are UTC days. */
export function createOracle(
  measure: Pick<MeasureDefinition, 'elm' | 'libraries' | 'valueSets'>,
): (resources: readonly Resource[], period: Period, definitions: readonly string[]) => Promise<Record<string, Answer>> {
  const engine = createReferenceEngine(measure);
  return async (resources, period, definitions) => {
    const evaluation = engine(plain(resources), period);
    const answers: Record<string, Answer> = {};
    for (const name of definitions) {
      try {
        answers[name] = { value: comparable(await evaluation.value(name), evaluation.referenceOf) };
      } catch (fault) {
        answers[name] = { fault: fault instanceof Error ? fault.message : String(fault) };
      }
    }
    return answers;
  };
}

/** cql-execution does not flatten a list that has a null in it, and keeps the null: such lists are compared by what else they hold. */
export function flat(values: unknown[]): unknown[] {
  return values.flat().filter((value) => value !== null);
}

function comparable(value: unknown, referenceOf: (value: unknown) => string | undefined): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return flat(value.map((item) => comparable(item, referenceOf)));
  const reference = referenceOf(value);
  if (reference !== undefined) return reference;
  const known = value as Record<string, unknown>;
  if (known.isInterval) {
    return {
      low: comparable(known.low, referenceOf),
      high: comparable(known.high, referenceOf),
      closed: [known.lowClosed, known.highClosed],
    };
  }
  if (known.isDateTime || known.isDate || known.isQuantity) return String(value);
  if (known.isUncertainty) return { low: known.low, high: known.high };
  if (known.isCode) return `${known.system}|${known.code}`;
  const json = 'toJSON' in known ? undefined : Object.fromEntries(Object.entries(known));
  return json && Object.keys(json).length > 0 ? mapValues(json, (item) => comparable(item, referenceOf)) : 'other';
}

function mapValues(values: Record<string, unknown>, map: (value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
}
