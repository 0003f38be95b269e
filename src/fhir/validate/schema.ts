import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { targetTypes } from './reference-type.ts';

/** The base definitions in the form the walk over a resource needs. Built from `build/fhir/structures`, type by type. */
export interface Schema {
  /** Undefined when R4 has no such resource type. */
  resource(type: string): Shape | undefined;
  /** A datatype (`Period`) or the inside of an element (`CarePlan.activity`). */
  shape(name: string): Shape | undefined;
}

export interface Shape {
  /** The name FHIRPath evaluation knows it by: `Period`, `CarePlanActivity`. */
  typeName: string;
  isResource: boolean;
  /** By JSON property; a choice element stands here once for each of its types. */
  fields: ReadonlyMap<string, Field>;
  required: readonly RequiredElement[];
  constraints: readonly Constraint[];
}

export interface Field {
  /** As in the definition: `CarePlan.activity`, `Observation.value[x]`. */
  path: string;
  element: string;
  type: string;
  /** Name of the shape of what is inside; absent for primitives. */
  inside?: string;
  isList: boolean;
  isChoice: boolean;
  /** For `code` elements with a required binding. */
  codes?: ReadonlySet<string>;
  /** URL without version of the value set that `codes` is. */
  codesUrl?: string;
  /** The value set that a CodeableConcept, Coding or Quantity is bound to. */
  binding?: Binding;
  /** Types that a Reference may lead to; absent when any will do. */
  targets?: ReadonlySet<string>;
  constraints: readonly Constraint[];
}

/** A binding that is checked (FHIR R4, terminologies.html#strength): required, or extensible. */
export interface Binding {
  /** URL without version. */
  valueSet: string;
  /** As it stands in the definition, with the version where one is given. */
  canonical: string;
  isRequired: boolean;
}

interface RequiredElement {
  element: string;
  properties: readonly string[];
}

export interface Constraint {
  key: string;
  severity: string;
  human: string;
  expression?: string;
}

interface ElementJson {
  path: string;
  min: number;
  max: string;
  base?: { max: string };
  type?: { code: string; targetProfile?: string[]; extension?: { valueUrl?: string }[] }[];
  contentReference?: string;
  constraint?: Constraint[];
  binding?: { strength: string; valueSet?: string };
}

interface StructureJson {
  name: string;
  kind: string;
  abstract: boolean;
  snapshot: { element: ElementJson[] };
}

/** Reads the datatypes now and each resource type when it is first asked for. */
export function createSchema(dir: string): Schema {
  const shapes = new Map<string, Shape>();
  const resources = new Map<string, Shape | undefined>();
  const codes = new Map(
    Object.entries(readJson<Record<string, string[]>>(join(dir, 'codes.json'))).map(([url, list]) => [
      url,
      new Set(list),
    ]),
  );
  for (const structure of readJson<StructureJson[]>(join(dir, 'datatypes.json'))) addShapes(shapes, structure, codes);
  return {
    shape: (name) => shapes.get(name),
    resource(type) {
      if (!resources.has(type)) {
        const structure = readStructure(dir, type);
        if (structure) addShapes(shapes, structure, codes);
        resources.set(type, structure && shapes.get(type));
      }
      return resources.get(type);
    },
  };
}

function readJson<T>(file: string): T {
  // Written by our own build from the published definitions, so the shape is taken on trust.
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}

function readStructure(dir: string, type: string): StructureJson | undefined {
  const file = join(dir, `${type}.json`);
  if (!/^[A-Z][A-Za-z]{1,60}$/.test(type) || !existsSync(file)) return undefined;
  const structure = readJson<StructureJson>(file);
  return structure.kind === 'resource' && !structure.abstract ? structure : undefined;
}

function addShapes(
  shapes: Map<string, Shape>,
  structure: StructureJson,
  codes: ReadonlyMap<string, ReadonlySet<string>>,
): void {
  const inside = new Map<string, ElementJson[]>();
  for (const element of structure.snapshot.element) {
    const parent = element.path.slice(0, Math.max(0, element.path.lastIndexOf('.')));
    inside.set(parent, [...(inside.get(parent) ?? []), element]);
  }
  for (const element of structure.snapshot.element) {
    const children = inside.get(element.path);
    // A profile of a datatype (SimpleQuantity) has the paths of its base and must not replace it.
    if (!children || shapes.has(element.path)) continue;
    const isRoot = !element.path.includes('.');
    shapes.set(element.path, {
      typeName: element.path.split('.').map(capitalize).join(''),
      isResource: isRoot && structure.kind === 'resource',
      fields: new Map(children.flatMap((child) => fieldsOf(child, codes))),
      required: children
        .filter(({ min }) => min > 0)
        .map((child) => ({ element: nameOf(child), properties: fieldsOf(child, codes).map(([property]) => property) })),
      constraints: isRoot ? (element.constraint ?? []) : [],
    });
  }
}

function fieldsOf(element: ElementJson, codes: ReadonlyMap<string, ReadonlySet<string>>): [string, Field][] {
  const name = nameOf(element);
  const isChoice = element.path.endsWith('[x]');
  const shared = {
    path: element.path,
    element: name,
    isList: (element.base?.max ?? element.max) !== '1',
    isChoice,
    constraints: element.constraint ?? [],
  };
  const reference = element.contentReference?.slice(1);
  if (reference !== undefined) return [[name, { ...shared, type: 'BackboneElement', inside: reference }]];
  return (element.type ?? []).map(({ code, targetProfile, extension }) => {
    const type = code.startsWith('http:') ? (extension?.[0]?.valueUrl ?? 'string') : code;
    const field: Field = { ...shared, type };
    if (type === 'BackboneElement' || type === 'Element') field.inside = element.path;
    else if (/^[A-Z]/.test(type)) field.inside = type;
    const binding = bindingOf(element);
    const listed = type === 'code' && binding?.isRequired ? codes.get(binding.valueSet) : undefined;
    if (listed) Object.assign(field, { codes: listed, codesUrl: binding?.valueSet });
    else if (binding && /^(CodeableConcept|Coding|Quantity)$/.test(type)) field.binding = binding;
    const targets = type === 'Reference' ? targetTypes(targetProfile) : undefined;
    if (targets) field.targets = targets;
    return [isChoice ? name + capitalize(code) : name, field];
  });
}

/** The binding of an element, when it is one that is checked. */
export function bindingOf({ binding }: Pick<ElementJson, 'binding'>): Binding | undefined {
  const valueSet = binding?.valueSet?.split('|')[0];
  if (!binding || valueSet === undefined || !/^(required|extensible)$/.test(binding.strength)) return undefined;
  return { valueSet, canonical: binding.valueSet ?? valueSet, isRequired: binding.strength === 'required' };
}

function nameOf({ path }: ElementJson): string {
  return path.slice(path.lastIndexOf('.') + 1).replace('[x]', '');
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
