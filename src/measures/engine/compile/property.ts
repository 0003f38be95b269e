import { FhirElement } from '../model/element.ts';
import { type FhirField, type FhirType, onlyPrimitive } from '../model/fhir-model.ts';
import { Code, CodeSystem, Concept, ValueSet } from '../values/code.ts';
import { Interval } from '../values/interval.ts';
import { Quantity, Ratio } from '../values/quantity.ts';
import { Tuple } from '../values/tuple.ts';
import type { Value } from '../values/types.ts';
import { constantOf } from './constant.ts';
import { nodeOf, textOf } from './elm.ts';
import { Refusal } from './refusal.ts';
import { type NodeCompiler, readName, type Site } from './site.ts';
import type { Compiled, ElmNode } from './types.ts';

/**
 * An element of a value. `path` may have several steps (`birthDate.value`), as models that map onto FHIR write it.
 *
 * A Property with neither source nor scope is what the translator leaves of "the Medication that this prescription refers to" in
 * QI-Core logic. It means nothing by itself and gives null here, as in cql-execution. Nothing is lost: our retrieve follows the reference
 * to the Medication itself.
 */
export const property: NodeCompiler = (node, site) => {
  const steps = stepsOf(node, site);
  let at = node;
  // A chain of them at once; what is to be explained is taken one by one.
  for (let source = inner(at, site); source; source = inner(at, site)) {
    steps.unshift(...stepsOf(source, site));
    at = source;
  }
  const code = beginning(at, site);
  if (!code) return constantOf(null);
  const last = steps.at(-1);
  const primitive = steps.at(-2);
  if (last !== 'value' || primitive === undefined) return steps.reduce(stepOf, code);
  return primitiveAt(steps.slice(0, -2).reduce(stepOf, code), primitive);
};

function stepsOf(node: ElmNode, site: Site): string[] {
  const path = textOf(node, 'path');
  if (path === undefined || !/^[A-Za-z]\w*(?:\.[A-Za-z]\w*)*$/.test(path))
    throw new Refusal('Property has a path that is not supported.', site.place, node.locator);
  return path.split('.');
}

function inner(node: ElmNode, site: Site): ElmNode | undefined {
  const source = site.program.isTraced ? undefined : nodeOf(node, 'source');
  return source?.type === 'Property' ? source : undefined;
}

/** What the first step is taken from; undefined when nothing is. */
function beginning(node: ElmNode, site: Site): Compiled | undefined {
  const source = nodeOf(node, 'source');
  if (source) return site.compile(source, site);
  const scope = textOf(node, 'scope');
  if (scope === undefined) return undefined;
  const read = readName(site, scope);
  if (!read) throw new Refusal(`Property of "${scope}" leads nowhere.`, site.place, node.locator);
  return read;
}

/** One step. Records of one type follow each other, so the place of the element in the last type is remembered. */
function stepOf(source: Compiled, name: string): Compiled {
  let type: FhirType | undefined;
  let field: FhirField | undefined;
  return (frame) => {
    const value = source(frame);
    if (value instanceof FhirElement) {
      if (value.type !== type) {
        type = value.type;
        field = type.fields.get(name);
      }
      return field ? value.at(field) : value.get(name);
    }
    return value === null ? null : elementOf(value, name);
  };
}

/** Two steps: the primitive of a name, and its value. */
function primitiveAt(source: Compiled, name: string): Compiled {
  let type: FhirType | undefined;
  let field: FhirField | undefined;
  let primitive: FhirType | undefined;
  return (frame) => {
    const value = source(frame);
    if (!(value instanceof FhirElement)) return value === null ? null : valueIn(elementOf(value, name));
    if (value.type !== type) {
      type = value.type;
      field = type.fields.get(name);
      primitive = field && onlyPrimitive(field);
    }
    if (field && primitive) return value.valueAt(field, primitive);
    return valueIn(field ? value.at(field) : value.get(name));
  };
}

function valueIn(element: Value): Value {
  return element === null ? null : elementOf(element, 'value');
}

/** An element of a value that is no element of a record. Null when it has none of that name. */
export function elementOf(value: Value, name: string): Value {
  if (value instanceof FhirElement) return value.get(name);
  if (value instanceof Tuple) return value.get(name);
  if (Array.isArray(value)) return value.flatMap((item) => elementOf(item, name) ?? []);
  if (value instanceof Interval) return known(value, name, ['low', 'high', 'lowClosed', 'highClosed']);
  if (value instanceof Quantity) return known(value, name, ['value', 'unit']);
  if (value instanceof Ratio) return known(value, name, ['numerator', 'denominator']);
  if (value instanceof Code) return known(value, name, ['code', 'system', 'version', 'display']);
  if (value instanceof Concept) return known(value, name, ['codes', 'display']);
  if (value instanceof ValueSet) return known(value, name, ['id', 'version', 'codes']);
  if (value instanceof CodeSystem) return known(value, name, ['id', 'version']);
  return null;
}

function known<T extends object, K extends string & keyof T>(value: T, name: string, names: readonly K[]): Value {
  const found = names.find((each) => each === name);
  // The elements of System types are values; only these are named above.
  return found === undefined ? null : ((value[found] as Value) ?? null);
}
