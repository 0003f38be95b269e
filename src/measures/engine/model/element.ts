import { ModelNode } from '../values/model-node.ts';
import type { Truth, Value } from '../values/types.ts';
import type { FhirField, FhirType } from './fhir-model.ts';
import { isObject, sameJson } from './json.ts';
import { primitiveValue } from './primitive-value.ts';
import type { SliceView } from './slice-view.ts';

const none: readonly Value[] = [];

/**
 * An element of a record that knows its FHIR type. It is made when it is first looked at and then stays the same object, with what was
 * parsed of it. JSON of the wrong kind (a text where an object belongs) reads as absent: one odd record must not stop a measure.
 */
export class FhirElement extends ModelNode {
  readonly type: FhirType;
  /** An object, or the JSON value of a primitive; null where only `sibling` is there. */
  readonly json: unknown;
  /** Id and extensions of a primitive, as in `_birthDate`. */
  readonly sibling: unknown;
  readonly view: SliceView;
  /** The resource that it is part of; itself for a resource. */
  readonly resource: FhirElement;
  #slots: (Value | undefined)[] | undefined;
  #value: Value | undefined;
  #converted: Value | undefined;

  constructor(type: FhirType, json: unknown, sibling: unknown, view: SliceView, resource?: FhirElement) {
    super();
    this.type = type;
    this.json = json;
    this.sibling = sibling;
    this.view = view;
    this.resource = resource ?? this;
  }

  get typeName(): string {
    return `{http://hl7.org/fhir}${this.type.name}`;
  }

  /** An element by CQL's name for it; null when it is absent or the type has none of that name. */
  get(name: string): Value {
    const field = this.type.fields.get(name);
    if (field) return this.at(field);
    if (name === 'value' && this.type.isPrimitive) return this.value;
    return this.#choiceProperty(name);
  }

  /** The element of a field of this very type. */
  at(field: FhirField): Value {
    this.#slots ??= new Array(this.type.fields.size);
    const known = this.#slots[field.slot];
    if (known !== undefined) return known;
    const made = this.#make(field);
    this.#slots[field.slot] = made;
    return made;
  }

  /** What CQL computes with in place of a primitive: a String, Date, Boolean and so on; null for what is not one. */
  get value(): Value {
    if (this.#value === undefined)
      this.#value = this.type.isPrimitive ? primitiveValue(this.type, this.json, this.view.moment) : null;
    return this.#value;
  }

  /** The element as a System type. An element has one such form, so the first answer is kept. */
  converted(convert: (element: FhirElement) => Value): Value {
    if (this.#converted === undefined) this.#converted = convert(this);
    return this.#converted;
  }

  /** The elements of a list, of one, or none: for walking along a path. */
  each(name: string): readonly Value[] {
    const value = this.get(name);
    if (value === null) return none;
    return Array.isArray(value) ? value : [value];
  }

  /** The same for elements that are equal; it need not differ for those that are not. */
  get key(): string {
    const { json, type } = this;
    if (isObject(json)) return `${type.name}/${typeof json.id === 'string' ? json.id : ''}`;
    return `${type.name} ${typeof json === 'string' ? json : ''}`;
  }

  isOfType(typeName: string): boolean {
    const name = typeName.startsWith('{http://hl7.org/fhir}') ? typeName.slice(21) : typeName;
    return this.type.is(name);
  }

  equalTo(other: ModelNode): Truth {
    if (!(other instanceof FhirElement)) return false;
    if (this.type !== other.type) return false;
    return sameJson(this.json, other.json) && sameJson(this.sibling, other.sibling);
  }

  equivalentTo(other: ModelNode): boolean {
    return this.equalTo(other) === true;
  }

  children(): readonly Value[] {
    const found: Value[] = [];
    for (const field of this.type.fields.values()) found.push(this.at(field));
    if (this.type.isPrimitive) found.push(this.value);
    return found;
  }

  #make(field: FhirField): Value {
    const holder = this.type.isPrimitive ? this.sibling : this.json;
    if (!isObject(holder)) return null;
    for (const choice of field.choices) {
      const json = holder[choice.property];
      const sibling = holder[choice.sibling];
      if ((json === undefined || json === null) && (sibling === undefined || sibling === null)) continue;
      if (field.isSystemText) return typeof json === 'string' ? json : null;
      if (!field.isList) return this.#element(choice.type(), json, sibling);
      if (!Array.isArray(json) && !Array.isArray(sibling)) return null;
      const items: readonly unknown[] = Array.isArray(json) ? json : [];
      const siblings: readonly unknown[] = Array.isArray(sibling) ? sibling : [];
      const length = Math.max(items.length, siblings.length);
      const list: Value[] = [];
      for (let n = 0; n < length; n++) {
        const element = this.#element(choice.type(), items[n], siblings[n]);
        if (element !== null) list.push(element);
      }
      return list;
    }
    return null;
  }

  #element(declared: FhirType | undefined, json: unknown, sibling: unknown): Value {
    const type = declared ?? this.view.typeOf(json);
    if (!type) return null;
    if (!type.isPrimitive) {
      if (!isObject(json)) return null;
      // A contained resource is a resource of its own, yet it has no place outside of its container.
      return new FhirElement(type, json, undefined, this.view, this.resource);
    }
    const isAbsent = json === undefined || json === null || isObject(json) || Array.isArray(json);
    if (isAbsent && !isObject(sibling) && !JSON.isRawJSON(json)) return null;
    return new FhirElement(type, json ?? null, isObject(sibling) ? sibling : undefined, this.view, this.resource);
  }

  /** Some logic names the property of a choice (`valueQuantity`) instead of the element (`value`). */
  #choiceProperty(name: string): Value {
    if (this.type.isPrimitive || !isObject(this.json) || !Object.hasOwn(this.json, name)) return null;
    for (const [element, field] of this.type.fields) {
      if (name.startsWith(element) && field.choices.some(({ property }) => property === name)) return this.at(field);
    }
    return null;
  }
}
