import type { TraceEntry } from './compile/trace.ts';
import type { Explanation } from './contract.ts';
import { FhirElement } from './model/element.ts';
import { Code, CodeSystem, Concept, ValueSet } from './values/code.ts';
import { CqlFault } from './values/fault.ts';
import { Interval } from './values/interval.ts';
import { Tuple } from './values/tuple.ts';
import type { Value } from './values/types.ts';

/** Items of a list that are written out. */
const shown = 5;

/** What a trace recorded, for people: one entry for each part of the text that was looked at. */
export function explanationOf(entry: TraceEntry, referenceOf: (value: Value) => string | undefined): Explanation {
  return explain(entry, referenceOf, new Set());
}

function explain(
  entry: TraceEntry,
  referenceOf: (value: Value) => string | undefined,
  above: ReadonlySet<TraceEntry>,
): Explanation {
  const { point, value } = entry;
  const within = new Set([...above, entry]);
  const parts = [...entry.parts.values()]
    .filter((part) => !within.has(part))
    .map((part) => explain(part, referenceOf, within));
  const references = new Set(recordsOf(value, referenceOf));
  // A truth, a count or a date has no records of its own: those of its parts made it so.
  if (references.size === 0 && !Array.isArray(value))
    for (const part of parts) for (const reference of part.references) references.add(reference);
  const explanation: Explanation = {
    library: point.place.library,
    expression: point.place.expression,
    node: point.kind,
    value: entry.isFaulty ? 'could not be evaluated' : valueText(entry, referenceOf),
    references: [...references].sort(),
    parts,
  };
  if (point.locator !== undefined) explanation.locator = point.locator;
  if (!entry.isFaulty && entry.times === 1 && (typeof value === 'boolean' || value === null)) explanation.holds = value;
  return explanation;
}

function recordsOf(value: Value, referenceOf: (value: Value) => string | undefined): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => recordsOf(item, referenceOf));
  if (value instanceof FhirElement) return [referenceOf(value.resource)].filter((text) => text !== undefined);
  if (value instanceof Tuple) return Object.values(value.elements).flatMap((item) => recordsOf(item, referenceOf));
  return [];
}

function valueText(entry: TraceEntry, referenceOf: (value: Value) => string | undefined): string {
  const { value, times, trueTimes } = entry;
  if (times > 1 && (typeof value === 'boolean' || value === null)) return `true for ${trueTimes} of ${times}`;
  return textOf(value, referenceOf);
}

/** A value as people read it. */
function textOf(value: Value, referenceOf: (value: Value) => string | undefined): string {
  const inner = (item: Value): string => textOf(item, referenceOf);
  if (value === null) return 'null';
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) {
    const listed = value.slice(0, shown).map(inner).join(', ');
    if (value.length === 0) return 'nothing';
    return value.length > shown ? `${value.length}: ${listed}, …` : listed;
  }
  if (value instanceof FhirElement) return elementText(value, referenceOf);
  if (value instanceof Code) return value.key;
  if (value instanceof Concept) return value.codes.map(inner).join(' or ') || (value.display ?? 'no code');
  if (value instanceof ValueSet || value instanceof CodeSystem) return value.id;
  if (value instanceof Interval)
    return `${value.lowClosed ? '[' : '('}${inner(value.low)}, ${inner(value.high)}${value.highClosed ? ']' : ')'}`;
  if (value instanceof Tuple) {
    const elements = Object.entries(value.elements).map(([name, item]) => `${name}: ${inner(item)}`);
    return `{ ${elements.join(', ')} }`;
  }
  return String(value);
}

/** A part that cannot be read is the fault of whoever computes with it, not of who shows it. */
function elementText(element: FhirElement, referenceOf: (value: Value) => string | undefined): string {
  try {
    return readableText(element, referenceOf);
  } catch (fault) {
    if (fault instanceof CqlFault) return element.type.name;
    throw fault;
  }
}

function readableText(element: FhirElement, referenceOf: (value: Value) => string | undefined): string {
  if (element.type.isPrimitive) return textOf(element.value, referenceOf);
  if (element.resource === element) return referenceOf(element) ?? element.type.name;
  const coding = element.each('coding').map((item) => textOf(item, referenceOf));
  if (coding.length > 0) return coding.join(' or ');
  const [code, system] = [element.get('code'), element.get('system')];
  if (code instanceof FhirElement && code.type.isPrimitive)
    return `${system instanceof FhirElement ? system.value : ''}|${code.value}`;
  return element.type.name;
}
