import { makeElement } from '../model/made-element.ts';
import { Code, Concept, ValueSet } from '../values/code.ts';
import { Decimal } from '../values/decimal.ts';
import { Quantity, Ratio } from '../values/quantity.ts';
import { Tuple } from '../values/tuple.ts';
import type { Value } from '../values/types.ts';
import { constantOf, constantValue } from './constant.ts';
import { nodeOf, nodesOf, textOf } from './elm.ts';
import { modelTypeNamed } from './model-type.ts';
import { Refusal } from './refusal.ts';
import { giveNull, type NodeCompiler, type Site } from './site.ts';
import type { Compiled, ElmNode, Frame } from './types.ts';

const systemPrefix = '{urn:hl7-org:elm-types:r1}';

export const nullNode: NodeCompiler = () => constantOf(null);

/** A list of values, computed at load when all of them are known. */
export const list: NodeCompiler = (node, site) => {
  const elements = nodesOf(node, 'element').map((element) => site.compile(element, site));
  const constants = elements.map(constantValue);
  if (constants.every((value) => value !== undefined)) return constantOf(constants);
  return (frame) => elements.map((element) => element(frame));
};

type Elements = readonly { name: string; code: Compiled }[];

function elementsOf(node: ElmNode, site: Site): Elements {
  return nodesOf(node, 'element').map((element) => {
    const value = nodeOf(element, 'value');
    return { name: textOf(element, 'name') ?? '', code: value ? site.compile(value, site) : giveNull };
  });
}

function valuesOf(elements: Elements, frame: Frame): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const { name, code } of elements) values[name] = code(frame);
  return values;
}

export const tuple: NodeCompiler = (node, site) => {
  const elements = elementsOf(node, site);
  return (frame) => new Tuple(valuesOf(elements, frame));
};

/** An instance of a System type or a type of FHIR, made of its elements. */
export const instance: NodeCompiler = (node, site) => {
  const classType = textOf(node, 'classType') ?? '';
  const fhirType = modelTypeNamed(site.program.model, classType);
  if (fhirType) {
    const parts = elementsOf(node, site);
    for (const { name } of parts)
      if (!fhirType.fields.has(name) && !(fhirType.isPrimitive && name === 'value'))
        throw new Refusal(`Instance of ${fhirType.name} has no element ${name}.`, site.place, node.locator);
    return (frame) => makeElement(fhirType, valuesOf(parts, frame), frame.run.view);
  }
  const name = classType.startsWith(systemPrefix) ? classType.slice(systemPrefix.length) : '';
  if (name === 'Quantity') return quantityOf(elementsOf(node, site), site);
  const make = Object.hasOwn(makers, name) ? makers[name] : undefined;
  if (!make) throw new Refusal(`Instance of ${classType} is not supported.`, site.place, node.locator);
  const elements = elementsOf(node, site);
  if (name === 'Code') return codeOf(elements);
  return (frame) => make(valuesOf(elements, frame), site);
};

/** What a measure makes most: the codes of a record. */
function codeOf(elements: Elements): Compiled {
  const [code, system, version, display] = ['code', 'system', 'version', 'display'].map(
    (name) => elements.findLast((element) => element.name === name)?.code ?? giveNull,
  ) as [Compiled, Compiled, Compiled, Compiled];
  return (frame) =>
    new Code(
      textOrNull(code(frame)),
      textOrNull(system(frame)),
      textOrNull(version(frame)),
      textOrNull(display(frame)),
    );
}

/** The unit is mostly written in the logic, and then looked up once. */
function quantityOf(elements: Elements, { around }: Site): Compiled {
  const [value, unit] = ['value', 'unit'].map(
    (name) => elements.findLast((element) => element.name === name)?.code ?? giveNull,
  ) as [Compiled, Compiled];
  const named = constantValue(unit);
  const known = named === undefined ? undefined : around.units.of(textOrNull(named));
  return (frame) => {
    const number = value(frame);
    const text = known ? null : unit(frame);
    const decimal = typeof number === 'number' ? Decimal.fromInteger(number) : number;
    return decimal instanceof Decimal ? new Quantity(decimal, known ?? around.units.of(textOrNull(text))) : null;
  };
}

const makers: Readonly<Record<string, (values: Record<string, Value>, site: Site) => Value>> = {
  Code: ({ code, system, version, display }) =>
    new Code(textOrNull(code), textOrNull(system), textOrNull(version), textOrNull(display)),
  Concept: ({ codes, display }) =>
    new Concept(
      Array.isArray(codes) ? codes.flatMap((code) => (code instanceof Code ? [code] : [])) : [],
      textOrNull(display),
    ),
  Ratio: ({ numerator, denominator }) =>
    numerator instanceof Quantity && denominator instanceof Quantity ? new Ratio(numerator, denominator) : null,
  ValueSet: ({ id, version }) => (typeof id === 'string' ? new ValueSet(id, textOrNull(version), []) : null),
};

function textOrNull(value: Value | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
