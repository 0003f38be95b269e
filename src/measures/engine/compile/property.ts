import { FhirElement } from '../model/element.ts';
import type { FhirField, FhirType } from '../model/fhir-model.ts';
import { Code, CodeSystem, Concept, ValueSet } from '../values/code.ts';
import { Interval } from '../values/interval.ts';
import { Quantity, Ratio } from '../values/quantity.ts';
import { Tuple } from '../values/tuple.ts';
import type { Value } from '../values/types.ts';
import { constantOf } from './constant.ts';
import { nodeOf, textOf } from './elm.ts';
import { Refusal } from './refusal.ts';
import { type NodeCompiler, readName } from './site.ts';
import type { Compiled } from './types.ts';

/**
 * An element of a value. `path` may have several steps (`birthDate.value`), as models that map onto FHIR write it.
 *
 * A Property with neither source nor scope is what the translator leaves of "the Medication that this prescription refers to" in
 * QI-Core logic. It means nothing by itself and gives null here, as in cql-execution. Nothing is lost: our retrieve follows the reference
 * to the Medication itself.
 */
export const property: NodeCompiler = (node, site) => {
  const path = textOf(node, 'path');
  if (path === undefined || !/^[A-Za-z]\w*(?:\.[A-Za-z]\w*)*$/.test(path))
    throw new Refusal('Property has a path that is not supported.', site.place, node.locator);
  const source = nodeOf(node, 'source');
  const scope = textOf(node, 'scope');
  let code: Compiled;
  if (source) {
    code = site.compile(source, site);
  } else if (scope !== undefined) {
    const read = readName(site, scope);
    if (!read) throw new Refusal(`Property of "${scope}" leads nowhere.`, site.place, node.locator);
    code = read;
  } else {
    return constantOf(null);
  }
  for (const step of path.split('.')) code = stepOf(code, step);
  return code;
};

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
