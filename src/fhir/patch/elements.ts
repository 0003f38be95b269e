import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { childOf, locate } from './locate.ts';
import { fieldFor, noSuchElement, partValue } from './parameter-value.ts';
import { isObject } from './pointer.ts';
import { copyOf, depthOf } from './tree.ts';
import { type PatchOperation, type PatchWork, shapeAt } from './work.ts';

type Keys = readonly (string | number)[];

/** Appends to a list, or sets what is not there yet. Adding over a single value is refused: that is `replace`. */
export function addElement(work: PatchWork, operation: PatchOperation): Result<void> {
  const place = locateOne(work, operation);
  if (!place.ok) return place;
  const parent = at(work, place.value);
  const shape = shapeAt(work, place.value);
  if (!isObject(parent) || !shape) return fail('unprocessable', 'the path leads to a value that has no elements.');
  const { name = '' } = operation;
  const inside = shape.fields.get(name)?.inside;
  const part = partValue(
    operation.value ?? {},
    work.schema,
    inside === undefined ? undefined : work.schema.shape(inside),
  );
  if (!part.ok) return part;
  const target = fieldFor(shape, name, part.value.suffix);
  if (!target) return noSuchElement();
  const [property, field] = target;
  const value = copyOf(part.value.value);
  if (place.value.length + 2 + depthOf(value) > limits.http.jsonDepth) return tooDeep();
  if (field.isList) {
    const list = parent[property];
    parent[property] = [...(Array.isArray(list) ? list : []), value];
    return ok(undefined);
  }
  const twins = field.isChoice ? [...shape.fields].filter(([, { element }]) => element === field.element) : [target];
  if (twins.some(([twin]) => Object.hasOwn(parent, twin) || Object.hasOwn(parent, `_${twin}`)))
    return fail('unprocessable', 'the element is there already: use replace.', { code: 'conflict' });
  parent[property] = value;
  return ok(undefined);
}

/** Puts another value in the place of the one that is there; a choice element may change its type. */
export function replaceElement(work: PatchWork, operation: PatchOperation): Result<void> {
  const place = locateOne(work, operation);
  if (!place.ok) return place;
  const keys = place.value;
  const last = keys.at(-1);
  if (last === undefined) return fail('unprocessable', 'a resource cannot be replaced by a patch.');
  const part = partValue(operation.value ?? {}, work.schema, shapeAt(work, keys));
  if (!part.ok) return part;
  const value = copyOf(part.value.value);
  if (keys.length + depthOf(value) > limits.http.jsonDepth) return tooDeep();
  const parent = at(work, keys.slice(0, -1));
  if (Array.isArray(parent)) {
    parent[Number(last)] = value;
    const shadow = shadowOf(work, keys);
    if (shadow) shadow[Number(last)] = null;
    return ok(undefined);
  }
  if (!isObject(parent)) return fail('unprocessable', 'the path leads to nothing.');
  const field = shapeAt(work, keys.slice(0, -1))?.fields.get(String(last));
  const suffix = part.value.suffix;
  const property = field?.isChoice && suffix !== undefined ? `${field.element}${suffix}` : String(last);
  delete parent[last];
  // The id and extensions of a primitive belong to the value that goes.
  delete parent[`_${last}`];
  parent[property] = value;
  return ok(undefined);
}

/** Takes away the one element the path leads to; none is no error. */
export function deleteElement(work: PatchWork, operation: PatchOperation): Result<void> {
  const places = locate(work.resource, operation.path);
  if (!places.ok) return places;
  const [keys, ...more] = places.value;
  if (!keys) return ok(undefined);
  if (more.length > 0) return severalPlaces();
  const last = keys.at(-1);
  if (last === undefined) return fail('unprocessable', 'a resource cannot be deleted by a patch.');
  const parent = at(work, keys.slice(0, -1));
  if (Array.isArray(parent)) {
    const shadow = shadowOf(work, keys);
    shadow?.splice(Number(last), 1);
    parent.splice(Number(last), 1);
  } else if (isObject(parent)) {
    delete parent[last];
    delete parent[`_${last}`];
  }
  work.emptied.add(parent);
  return ok(undefined);
}

/** Puts an item into a list, before the one that has the index now. */
export function insertItem(work: PatchWork, operation: PatchOperation): Result<void> {
  const found = locateList(work, operation);
  if (!found.ok) return found;
  const { keys, list } = found.value;
  const index = operation.index ?? 0;
  if (index > list.length) return beyond();
  const part = partValue(operation.value ?? {}, work.schema, shapeAt(work, keys));
  if (!part.ok) return part;
  const value = copyOf(part.value.value);
  if (keys.length + 1 + depthOf(value) > limits.http.jsonDepth) return tooDeep();
  list.splice(index, 0, value);
  const shadow = shadowOf(work, [...keys, index]);
  if (shadow && shadow.length > index) shadow.splice(index, 0, null);
  return ok(undefined);
}

/** Moves an item of a list to another place in the same list. */
export function moveItem(work: PatchWork, operation: PatchOperation): Result<void> {
  const found = locateList(work, operation);
  if (!found.ok) return found;
  const { keys, list } = found.value;
  const { source = 0, destination = 0 } = operation;
  if (source >= list.length || destination >= list.length) return beyond();
  list.splice(destination, 0, ...list.splice(source, 1));
  const shadow = shadowOf(work, [...keys, source]);
  if (shadow) {
    while (shadow.length < list.length) shadow.push(null);
    shadow.splice(destination, 0, ...shadow.splice(source, 1));
  }
  return ok(undefined);
}

function locateOne(work: PatchWork, { path }: PatchOperation): Result<Keys> {
  const places = locate(work.resource, path);
  if (!places.ok) return places;
  const [place, ...more] = places.value;
  if (!place) return fail('unprocessable', 'the path leads to nothing in this resource.', { code: 'not-found' });
  return more.length > 0 ? severalPlaces() : ok(place);
}

/** The whole list whose items the path leads to. */
function locateList(work: PatchWork, { path }: PatchOperation): Result<{ keys: Keys; list: unknown[] }> {
  const places = locate(work.resource, path);
  if (!places.ok) return places;
  const keys = places.value[0]?.slice(0, -1) ?? [];
  const list = at(work, keys);
  const isWhole = places.value.every((place, index) => [...keys, index].join('/') === place.join('/'));
  return Array.isArray(list) && isWhole && list.length === places.value.length
    ? ok({ keys, list })
    : fail('unprocessable', 'the path must lead to one whole list that is there.', { code: 'not-found' });
}

/** `_given` beside `given`: the ids and extensions of a list of primitives, by the same index. */
function shadowOf(work: PatchWork, keys: Keys): unknown[] | undefined {
  const shadow = childOf(at(work, keys.slice(0, -2)), `_${keys.at(-2)}`);
  return Array.isArray(shadow) ? shadow : undefined;
}

function at(work: PatchWork, keys: Keys): unknown {
  return keys.reduce<unknown>(childOf, work.resource);
}

function severalPlaces() {
  return fail('unprocessable', 'the path leads to more than one element.', { code: 'multiple-matches' });
}
function beyond() {
  return fail('unprocessable', 'the place is beyond the end of the list.', { code: 'value' });
}
function tooDeep() {
  return fail('too-large', 'the result nests too deeply.');
}
