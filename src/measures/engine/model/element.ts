import { CqlFault } from '../values/fault.ts';
import { ModelNode } from '../values/model-node.ts';
import type { Truth, Value } from '../values/types.ts';
import type { FhirChoice, FhirField, FhirType } from './fhir-model.ts';
import { isObject, numberText, sameJson } from './json.ts';
import { primitiveValue } from './primitive-value.ts';
import type { SliceView } from './slice-view.ts';

const none: readonly Value[] = [];

/**
 * An element of a record that knows its FHIR type. It is made when it is first looked at and then stays the same object, with what was
 * parsed of it. JSON of the wrong kind (a text where an object belongs) is a fault when it is looked at: to take it for absent would give an answer
 * that may be wrong. A text that is no date of the calendar reads as null, as CQL's conversions do.
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

  /**
   * What CQL computes with in place of the primitive of a field, of this type: most are texts, of which no element need be made when nobody asks for
   * more than the text.
   */
  valueAt(field: FhirField, primitive: FhirType): Value {
    const { json } = this;
    const [only] = field.choices;
    if (!this.type.isPrimitive && only && isHolder(json)) {
      const found = json[only.property];
      if (found === undefined) return null;
      if (typeof found === 'string' && primitive.isText) return found;
    }
    const element = this.at(field);
    return element instanceof FhirElement ? element.value : null;
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
    if (!isHolder(holder)) return null;
    for (const choice of field.choices) {
      const json = holder[choice.property] ?? null;
      const sibling = holder[choice.sibling] ?? null;
      if (json === null && sibling === null) continue;
      if (!field.isList) return this.#element(choice, json, sibling, field.isSystemText);
      if (!isListOrNull(json) || !isListOrNull(sibling)) throw this.#odd(choice, 'a list');
      const list: Value[] = [];
      for (let n = 0; n < Math.max(json?.length ?? 0, sibling?.length ?? 0); n++) {
        const element = this.#element(choice, json?.[n] ?? null, sibling?.[n] ?? null, false);
        if (element !== null) list.push(element);
      }
      return list;
    }
    return null;
  }

  #element(choice: FhirChoice, json: unknown, sibling: unknown, isText: boolean): Value {
    if (isText) {
      if (typeof json === 'string') return json;
      throw this.#odd(choice, 'a text');
    }
    const declared = choice.type();
    if (declared?.isPrimitive) {
      if (isObject(json) || Array.isArray(json)) throw this.#odd(choice, 'a primitive');
      if (json === null && !isObject(sibling)) return null;
      if (json !== null && !isOfKind(declared, json)) throw this.#odd(choice, `a ${declared.name}`);
      return new FhirElement(declared, json, isObject(sibling) ? sibling : undefined, this.view, this.resource);
    }
    if (json === null) return null;
    if (!isObject(json)) throw this.#odd(choice, 'an object');
    const type = declared ?? this.view.typeOf(json);
    return type ? new FhirElement(type, json, undefined, this.view, this.resource) : null;
  }

  #odd({ property }: FhirChoice, expected: string): CqlFault {
    return new CqlFault(`${this.type.name}.${property} of a record is not ${expected}.`);
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

function isHolder(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null;
}

function isListOrNull(json: unknown): json is readonly unknown[] | null {
  return json === null || Array.isArray(json);
}

/** Whether JSON writes a value of the type so. */
function isOfKind(type: FhirType, json: unknown): boolean {
  return type.json === 'number' ? numberText(json) !== undefined : typeof json === type.json;
}
