import { fail, ok, type Result } from '../../base/errors.ts';
import type { Field, Schema, Shape } from '../validate/schema.ts';
import { isObject } from './pointer.ts';

/** A value as it stands in a Parameters part, and the suffix its type has in a choice element (`Quantity` in `valueQuantity`). */
export interface PartValue {
  value: unknown;
  suffix?: string;
}

/**
 * The value of a `value` part: `value[x]`, `resource`, or, for what has no type of its own (Patient.contact), nested parts that
 * are read as the elements of `shape`.
 */
export function partValue(part: Record<string, unknown>, schema: Schema, shape?: Shape): Result<PartValue> {
  const names = Object.keys(part).filter((name) => /^_?value[A-Z]/.test(name));
  const [name] = names;
  if (name !== undefined) {
    return names.length > 1 || name.startsWith('_')
      ? fail('invalid', 'a value has one value[x], without extensions.', { code: 'structure' })
      : ok({ value: part[name], suffix: name.slice('value'.length) });
  }
  if (isObject(part.resource)) return ok({ value: part.resource });
  if (!Array.isArray(part.part)) return fail('invalid', 'a value is missing.', { code: 'required' });
  return shape ? partsAsObject(part.part, schema, shape) : noSuchElement();
}

function partsAsObject(parts: readonly unknown[], schema: Schema, shape: Shape): Result<PartValue> {
  const made: Record<string, unknown> = {};
  for (const part of parts) {
    if (!isObject(part) || typeof part.name !== 'string') return fail('invalid', 'a part has no name.');
    const { inside } = shape.fields.get(part.name) ?? {};
    const inner = partValue(part, schema, inside === undefined ? undefined : schema.shape(inside));
    if (!inner.ok) return inner;
    const target = fieldFor(shape, part.name, inner.value.suffix);
    if (!target) return noSuchElement();
    const [property, field] = target;
    if (!field.isList) made[property] = inner.value.value;
    else made[property] = [...(Array.isArray(made[property]) ? made[property] : []), inner.value.value];
  }
  return ok({ value: made });
}

/** The JSON property of an element by its FHIR name: `value` with a Quantity is `valueQuantity`. */
export function fieldFor(shape: Shape, element: string, suffix?: string): [string, Field] | undefined {
  for (const property of suffix === undefined ? [element] : [`${element}${suffix}`, element]) {
    const field = shape.fields.get(property);
    if (field) return [property, field];
  }
  return undefined;
}

export function noSuchElement() {
  return fail('unprocessable', 'FHIR R4 has no such element there.', { code: 'structure' });
}
