import type { Field, Schema, Shape } from '../../../fhir/validate/schema.ts';
import { parentOf } from './hierarchy.ts';

/** A type of FHIR 4.0.1 as CQL sees it: a choice element is one element, whatever its type in a record. */
export interface FhirType {
  /** As in the definitions: `Observation`, `Encounter.location`, `dateTime`. */
  readonly name: string;
  readonly isPrimitive: boolean;
  /** A primitive that CQL takes as the text that it is: a code, a uri, no date. */
  readonly isText: boolean;
  /** How JSON writes a value of the type. */
  readonly json: 'boolean' | 'number' | 'string' | 'object';
  /** By the name CQL uses: `value` for `valueQuantity` and its like. */
  readonly fields: ReadonlyMap<string, FhirField>;
  /** True when this is `name` or made from it: a code is a string, an Observation a DomainResource. */
  is(name: string): boolean;
}

export interface FhirField {
  /** The place of its value in an element that has been looked at. */
  readonly slot: number;
  readonly isList: boolean;
  /** CQL gives the id of an element as a String, not as an element of FHIR. */
  readonly isSystemText: boolean;
  /** The JSON properties it may stand in; several for a choice element. */
  readonly choices: readonly FhirChoice[];
}

/** The one primitive that a field always is; undefined for a list, a choice, an id, and what is not primitive. */
export function onlyPrimitive({ isList, isSystemText, choices }: FhirField): FhirType | undefined {
  const [only] = choices;
  const type = isList || isSystemText || choices.length > 1 ? undefined : only?.type();
  return type?.isPrimitive ? type : undefined;
}

export interface FhirChoice {
  readonly property: string;
  /** The sibling that holds id and extensions of a primitive: `_birthDate`. */
  readonly sibling: string;
  /** Undefined where any resource may stand (`contained`): it tells its type itself. */
  type(): FhirType | undefined;
}

export interface FhirModel {
  /** Undefined when FHIR has no such resource type. */
  resource(type: string): FhirType | undefined;
  /** A datatype (`Period`), a primitive (`dateTime`), a resource, or the inside of an element (`Encounter.location`). */
  type(name: string): FhirType | undefined;
}

const primitive = /^[a-z]/;
const temporal = new Set(['date', 'dateTime', 'instant', 'time']);
const noFields: ReadonlyMap<string, FhirField> = new Map();

/** What CQL needs to know of FHIR, made type by type from the definitions as logic and records ask for it. */
export function createFhirModel(schema: Schema): FhirModel {
  const types = new Map<string, FhirType | undefined>();
  const extension: readonly [string, Field][] = [...(schema.shape('Element')?.fields ?? [])];

  const type = (name: string): FhirType | undefined => {
    if (types.has(name)) return types.get(name);
    const made = primitive.test(name) ? makeType(name, extension) : fromShape(name);
    types.set(name, made);
    return made;
  };

  const fromShape = (name: string): FhirType | undefined => {
    // The inside of a resource's element is known once the resource is.
    const shape: Shape | undefined = schema.shape(name) ?? schema.resource(name) ?? inside(name);
    return shape && makeType(name, [...shape.fields]);
  };

  const inside = (name: string): Shape | undefined => {
    const [root = ''] = name.split('.');
    return schema.resource(root) ? schema.shape(name) : undefined;
  };

  const makeType = (name: string, fields: readonly [string, Field][]): FhirType => ({
    name,
    isPrimitive: primitive.test(name),
    isText: primitive.test(name) && jsonOf(name) === 'string' && !temporal.has(name),
    json: jsonOf(name),
    fields: fields.length === 0 ? noFields : fieldsOf(fields, type, schema.shape(name)?.isResource === true),
    is: remembered((ancestor) => isA(name, ancestor)),
  });

  return {
    type,
    resource: (name) => (schema.resource(name) ? type(name) : undefined),
  };
}

function jsonOf(name: string): FhirType['json'] {
  if (!primitive.test(name)) return 'object';
  if (name === 'boolean') return 'boolean';
  return name === 'decimal' || isA(name, 'integer') ? 'number' : 'string';
}

/** Answers by what was asked; the names that are asked for come from logic, so they are few. */
function remembered<T>(answer: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>();
  return (name) => {
    let found = known.get(name);
    if (found === undefined) {
      found = answer(name);
      known.set(name, found);
    }
    return found;
  };
}

function isA(name: string, ancestor: string): boolean {
  for (let current: string | undefined = name; current !== undefined; current = parentOf(current)) {
    if (current === ancestor) return true;
  }
  return false;
}

function fieldsOf(
  fields: readonly [string, Field][],
  type: (name: string) => FhirType | undefined,
  isResource: boolean,
): Map<string, FhirField> {
  const byName = new Map<string, FhirField & { choices: FhirChoice[] }>();
  for (const [property, field] of fields) {
    const known = byName.get(field.element);
    const isSystemText = field.element === 'id' && !isResource;
    const entry = known ?? { slot: byName.size, isList: field.isList, isSystemText, choices: [] };
    if (!known) byName.set(field.element, entry);
    const typeName = field.inside ?? field.type;
    const isAnyResource = typeName === 'Resource';
    let made: FhirType | undefined;
    entry.choices.push({
      property,
      sibling: `_${property}`,
      // When it is asked for, because types contain each other.
      type: () => {
        if (!made && !isAnyResource) made = type(typeName);
        return made;
      },
    });
  }
  return byName;
}
