import type { Result } from '../../base/errors.ts';
import { ok } from '../../base/errors.ts';
import type { FhirPath, TypedNode } from '../../fhir/fhirpath.ts';
import { isObject } from '../../fhir/search/walk-path.ts';
import type { r4 } from '../../fhir/types.ts';
import { expressionOf, sdc } from './sdc.ts';

export interface Fill {
  fhirPath: FhirPath;
  context: TypedNode;
  variables: Readonly<Record<string, TypedNode>>;
}

const own: ReadonlySet<string> = new Set([sdc.templateExtractContext, sdc.templateExtractValue, sdc.extractAllocateId]);

/**
 * An element of a template with the values in it (SDC 4, extraction.html#template-based-extraction): as many as its context has, none when
 * it has none. `templateExtractContext` says from where the expressions below look; `templateExtractValue` replaces an element, a primitive
 * one through its `_name`. An element whose values are missing is left out, and so is what becomes empty by that. Pure.
 */
export function fillElement(template: Readonly<Record<string, unknown>>, fill: Fill): Result<unknown[]> {
  const context = extensionOf(template, sdc.templateExtractContext);
  const places = context ? contextsOf(context, fill) : ok([fill]);
  if (!places.ok) return places;
  const filled: unknown[] = [];
  for (const place of places.value) {
    const value = extensionOf(template, sdc.templateExtractValue);
    const made = value ? valuesOf(value, place) : properties(template, place);
    if (!made.ok) return made;
    filled.push(...made.value);
  }
  return ok(filled);
}

function extensionOf(element: unknown, url: string): r4.Extension | undefined {
  const list = isObject(element) && Array.isArray(element.extension) ? element.extension : [];
  return list.find((one): one is r4.Extension => isObject(one) && one.url === url);
}

function contextsOf(one: r4.Extension, fill: Fill): Result<Fill[]> {
  const found = evaluate(one, fill);
  if (!found.ok) return found;
  const name = one.valueExpression?.name;
  return ok(
    found.value.map((context) => ({
      ...fill,
      context,
      variables: { ...fill.variables, context, ...(name !== undefined && { [name]: context }) },
    })),
  );
}

function valuesOf(one: r4.Extension, fill: Fill): Result<unknown[]> {
  const found = evaluate(one, fill);
  return found.ok ? ok(found.value.map(({ value }) => value)) : found;
}

function evaluate(one: r4.Extension, { fhirPath, context, variables }: Fill): Result<TypedNode[]> {
  const expression = expressionOf(one);
  return expression === undefined ? ok([]) : fhirPath(expression, context, { context, ...variables });
}

function properties(template: Readonly<Record<string, unknown>>, fill: Fill): Result<unknown[]> {
  const made: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(template)) {
    const filled = name === 'extension' ? extensionsLeft(value, fill) : property(name, value, template, fill);
    if (!filled.ok) return filled;
    for (const [key, one] of filled.value) {
      if (one === undefined) delete made[key];
      else made[key] = one;
    }
  }
  const isEmpty = Object.keys(made).length === 0 && Object.keys(template).length > 0;
  return ok(isEmpty ? [] : [made]);
}

type Named = (readonly [name: string, value: unknown])[];

function extensionsLeft(value: unknown, fill: Fill): Result<Named> {
  const left = Array.isArray(value) ? value.filter((one) => !(isObject(one) && own.has(String(one.url)))) : [];
  const filled = list(left, fill);
  if (!filled.ok) return filled;
  return ok(filled.value.length > 0 ? [['extension', filled.value]] : []);
}

function property(name: string, value: unknown, beside: Readonly<Record<string, unknown>>, fill: Fill): Result<Named> {
  if (name.startsWith('_')) return primitive(name.slice(1), value, beside, fill);
  if (Array.isArray(value)) {
    const filled = list(value, fill);
    if (!filled.ok) return filled;
    return ok(filled.value.length > 0 ? [[name, filled.value]] : []);
  }
  if (!isObject(value) || JSON.isRawJSON(value)) return ok([[name, value]]);
  const filled = fillElement(value, fill);
  if (!filled.ok) return filled;
  return ok(filled.value.length > 0 ? [[name, filled.value[0]]] : []);
}

function list(values: readonly unknown[], fill: Fill): Result<unknown[]> {
  const filled: unknown[] = [];
  for (const value of values) {
    if (!isObject(value) || JSON.isRawJSON(value)) {
      filled.push(value);
      continue;
    }
    const made = fillElement(value, fill);
    if (!made.ok) return made;
    filled.push(...made.value);
  }
  return ok(filled);
}

/** `_name` of a primitive, or of a list of them: its value comes from the expression, its other extensions stay. */
function primitive(name: string, value: unknown, beside: Readonly<Record<string, unknown>>, fill: Fill): Result<Named> {
  const isList = Array.isArray(value);
  const values: unknown[] = [];
  for (const one of isList ? value : [value]) {
    const asked = extensionOf(one, sdc.templateExtractValue);
    if (!asked) return ok([[`_${name}`, value]]);
    const context = extensionOf(one, sdc.templateExtractContext);
    const places = context ? contextsOf(context, fill) : ok([fill]);
    if (!places.ok) return places;
    for (const place of places.value) {
      const found = valuesOf(asked, place);
      if (!found.ok) return found;
      values.push(...found.value.filter((each) => typeof each !== 'object'));
    }
  }
  const given = beside[name];
  if (values.length === 0) return ok([[name, undefined]]);
  if (!isList) return ok([[name, values[0]]]);
  return ok([[name, [...(Array.isArray(given) ? given.filter((each) => each !== null) : []), ...values]]]);
}
