import type { Issue } from '../../base/errors.ts';
import { isObject } from '../search/walk-path.ts';
import type { Owner } from './extension-context.ts';
import { primitiveProblem } from './primitives.ts';
import { referenceType } from './reference-type.ts';
import type { Binding, Constraint, Field, Schema, Shape } from './schema.ts';

/** An element whose invariants are to be evaluated, with the resources that `%resource` and `%rootResource` mean there. */
export interface InvariantTask {
  path: string;
  typeName: string;
  value: unknown;
  constraints: readonly Constraint[];
  resource: Record<string, unknown>;
  root: Record<string, unknown>;
  /** Of a profile: warnings are kept too. */
  isProfile?: boolean;
}

export interface StructureCheck {
  issues: Issue[];
  invariants: InvariantTask[];
}

/** What the walk comes by and others look at: the resources in a resource, extensions, elements bound to a value set. */
export interface Walked extends StructureCheck {
  resources: Found[];
  extensions: (Found & { owner: Owner; isModifier: boolean })[];
  bound: { path: string; value: unknown; binding: Binding }[];
}

interface Found extends Place {
  value: Record<string, unknown>;
}

interface Place {
  path: string;
  resource: Record<string, unknown>;
  root: Record<string, unknown>;
  /** The element that the value is of; absent for resources. */
  field?: Field;
  owner?: Owner;
}

/** Walks a resource beside its definition. Nulls, empty objects and empty lists are the preflight's and passed over here. */
export function checkStructure(schema: Schema, resource: Record<string, unknown>): Walked {
  const check: Walked = { issues: [], invariants: [], resources: [], extensions: [], bound: [] };
  const path =
    typeof resource.resourceType === 'string' && /^\w{1,64}$/.test(resource.resourceType)
      ? resource.resourceType
      : 'Resource';
  checkResource(schema, check, resource, { path, resource, root: resource });
  return check;
}

function checkResource(schema: Schema, check: Walked, value: Record<string, unknown>, place: Place): void {
  const { resourceType } = value;
  const shape = typeof resourceType === 'string' ? schema.resource(resourceType) : undefined;
  if (!shape) {
    const text =
      resourceType === undefined ? 'A resource needs its resourceType.' : 'FHIR R4 has no such resource type.';
    add(check, place.path, resourceType === undefined ? 'required' : 'not-supported', text);
    return;
  }
  check.resources.push({ ...place, value });
  checkObject(schema, check, value, shape, place, []);
}

function checkObject(
  schema: Schema,
  check: Walked,
  value: Record<string, unknown>,
  shape: Shape,
  place: Place,
  elementConstraints: readonly Constraint[],
): void {
  const constraints = mergeConstraints(shape.constraints, elementConstraints);
  if (constraints.length > 0) check.invariants.push({ ...place, typeName: shape.typeName, value, constraints });
  const choices = new Map<string, string>();
  for (const [property, child] of Object.entries(value)) {
    if (property === 'resourceType' && shape.isResource) continue;
    const bare = property.startsWith('_') ? property.slice(1) : property;
    const field = shape.fields.get(bare);
    if (!field || (bare !== property && field.inside !== undefined)) {
      const shown = /^\w{1,64}$/.test(property) ? `${place.path}.${property}` : place.path;
      add(check, shown, 'structure', 'FHIR R4 has no such element here.');
      continue;
    }
    if (field.isChoice) {
      const other = choices.get(field.element);
      if (other !== undefined && other !== bare) {
        add(check, `${place.path}.${field.element}`, 'structure', 'This element takes a value of one type only.');
      }
      choices.set(field.element, bare);
    }
    const path = `${place.path}.${field.isChoice ? `${field.element}.ofType(${field.type})` : field.element}`;
    const { resource, root } = place;
    const childPlace: Place = { path, resource, root, field };
    if (field.inside === 'Extension') childPlace.owner = ownerOf(shape, place);
    checkField(schema, check, child, bare === property ? field : extensionsOf(field), childPlace);
  }
  for (const { element, properties } of shape.required) {
    if (properties.some((property) => value[property] !== undefined || value[`_${property}`] !== undefined)) continue;
    add(check, `${place.path}.${element}`, 'required', `The element ${element} is required.`);
  }
}

function ownerOf({ isResource, typeName }: Shape, { path, field, resource }: Place): Owner {
  const owner: Owner = { path, inside: String(resource.resourceType) };
  if (isResource) owner.resourceType = typeName;
  else if (field) owner.field = field;
  return owner;
}

/** `_birthDate` holds the id and extensions of the primitive `birthDate`. */
function extensionsOf(field: Field): Field {
  return {
    path: field.path,
    element: field.element,
    type: 'Element',
    inside: 'Element',
    isList: field.isList,
    isChoice: false,
    constraints: [],
  };
}

function checkField(schema: Schema, check: Walked, value: unknown, field: Field, place: Place): void {
  if (value === null) return;
  if (Array.isArray(value) !== field.isList) {
    add(check, place.path, 'structure', field.isList ? 'A list was expected.' : 'One value was expected, not a list.');
    return;
  }
  if (!Array.isArray(value)) {
    checkValue(schema, check, value, field, place);
    return;
  }
  for (const [at, item] of value.entries()) {
    if (item !== null) checkValue(schema, check, item, field, { ...place, path: `${place.path}[${at}]` });
  }
}

function checkValue(schema: Schema, check: Walked, value: unknown, field: Field, place: Place): void {
  if (field.inside === undefined) {
    const problem = primitiveProblem(field.type, value);
    if (problem !== undefined) add(check, place.path, 'value', problem);
    else if (field.codes && !(typeof value === 'string' && field.codes.has(value))) {
      add(check, place.path, 'code-invalid', 'This code is not in the value set that FHIR R4 requires here.');
    } else if (field.constraints.length > 0) {
      check.invariants.push({ ...place, typeName: field.type, value, constraints: field.constraints });
    }
    return;
  }
  if (!isObject(value)) {
    add(check, place.path, 'structure', `An object (${field.type}) was expected.`);
    return;
  }
  if (field.inside === 'Resource') {
    const root = field.element === 'contained' ? place.root : value;
    checkResource(schema, check, value, { path: place.path, resource: value, root });
    return;
  }
  if (field.inside === 'Reference') checkReference(schema, check, value.reference, field, place);
  if (field.inside === 'Extension' && place.owner) {
    check.extensions.push({ ...place, value, owner: place.owner, isModifier: field.element === 'modifierExtension' });
  }
  if (field.binding) check.bound.push({ path: place.path, value, binding: field.binding });
  const shape = schema.shape(field.inside);
  if (shape) checkObject(schema, check, value, shape, place, field.constraints);
}

/** A literal reference to a type that R4 does not have leads nowhere, here or elsewhere; one to a wrong type misleads. */
function checkReference(schema: Schema, check: Walked, reference: unknown, { targets }: Field, place: Place): void {
  const type = referenceType(reference, place.root);
  if (type === undefined) return;
  const path = `${place.path}.reference`;
  if (!schema.resource(type)) {
    add(check, path, 'value', 'This reference names a resource type that FHIR R4 does not have.');
  } else if (targets && !targets.has(type)) {
    add(check, path, 'value', 'FHIR R4 does not allow a reference to this resource type here.');
  }
}

/** A snapshot repeats a datatype's own invariants on its elements. */
function mergeConstraints(own: readonly Constraint[], element: readonly Constraint[]): readonly Constraint[] {
  if (own.length === 0) return element;
  const keys = new Set(own.map(({ key }) => key));
  return element.length === 0 ? own : [...own, ...element.filter(({ key }) => !keys.has(key))];
}

function add(check: Walked, path: string, code: string, text: string): void {
  check.issues.push({ code, text, expression: [path] });
}
