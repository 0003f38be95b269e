import { Code, CodeSystem, Concept, ValueSet } from '../../../../src/measures/engine/values/code.ts';
import { CqlDate } from '../../../../src/measures/engine/values/date.ts';
import { CqlDateTime } from '../../../../src/measures/engine/values/date-time.ts';
import { Interval } from '../../../../src/measures/engine/values/interval.ts';
import { ModelNode } from '../../../../src/measures/engine/values/model-node.ts';
import { CqlTime } from '../../../../src/measures/engine/values/time.ts';
import { Tuple } from '../../../../src/measures/engine/values/tuple.ts';
import type { Value } from '../../../../src/measures/engine/values/types.ts';
import { Uncertainty } from '../../../../src/measures/engine/values/uncertainty.ts';

/** A value as text that tells it from every other: two values are the same exactly if their texts are. Intervals by their first and last point. */
export function show(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'bigint') return `${value}L`;
  if (typeof value === 'string') return `'${value}'`;
  if (value instanceof CqlDate) return `@${value}`;
  if (value instanceof CqlDateTime) return `@${value}${value.precision < 4 ? 'T' : ''}`;
  if (value instanceof CqlTime) return `@T${value}`;
  if (value instanceof Interval) return showInterval(value);
  if (value instanceof Tuple) return showElements('Tuple', value.elements);
  if (value instanceof Code) {
    const { code, system, version, display } = value;
    return showElements('Code', { code, system, version, display });
  }
  if (value instanceof Concept) return showElements('Concept', { codes: value.codes, display: value.display });
  if (value instanceof Uncertainty) return `uncertain ${value.low} ${value.high}`;
  if (value instanceof ValueSet || value instanceof CodeSystem) return value.id;
  if (value instanceof ModelNode) return value.typeName;
  return Array.isArray(value) ? `{${value.map(show).join(', ')}}` : String(value);
}

function showInterval({ start, end }: Interval): string {
  return `${start === null ? '(' : '['}${show(start)}, ${show(end)}${end === null ? ')' : ']'}`;
}

function showElements(name: string, elements: Readonly<Record<string, Value>>): string {
  const shown = Object.entries(elements).filter(([, value]) => value !== null);
  return `${name} {${shown.map(([key, value]) => `${key}: ${show(value)}`).join(', ')}}`;
}

/** As `show`, but numbers of all types alike, as they are to an engine that has one type of number. */
export function showAlike(value: Value): string {
  return show(value)
    .replace(/(\d)L\b/g, '$1')
    .replace(/(\d)\.0\b/g, '$1');
}
