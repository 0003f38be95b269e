import type { AtomContext, TypedValue } from '@medplum/core';
import { limits } from '../../base/limits.ts';
import { elementsOf } from './elements.ts';
import { includes } from './same.ts';

/** All extensions with the URL on any of the items (FHIR R4, fhirpath.html#functions: `extension(url)`), the same for modifiers. */
export function extensionsOf(
  input: readonly TypedValue[],
  name: 'extension' | 'modifierExtension',
  url: unknown,
): TypedValue[] {
  return input
    .flatMap((item) => elementsOf(item, name))
    .filter(({ value }) => value?.url === url)
    .map((item) => ({ ...item, type: 'Extension' }));
}

/** Every element directly within the items, the choices under the names that they have in the text. */
export function childrenOf(input: readonly TypedValue[]): TypedValue[] {
  return input.flatMap((item) => {
    const { value } = item;
    if (typeof value?.valueOf() !== 'object' || value === null) return elementsOf(item, 'extension');
    const names = Object.keys(value).map((name) => (name.startsWith('_') ? name.slice(1) : name));
    return [...new Set(names)].filter((name) => name !== 'resourceType').flatMap((name) => elementsOf(item, name));
  });
}

/** Every element within the items, however deep: no more than the resource has. */
export function descendantsOf(input: readonly TypedValue[]): TypedValue[] {
  const found: TypedValue[] = [];
  for (let layer = childrenOf(input); layer.length > 0; layer = childrenOf(layer)) found.push(...layer);
  return found;
}

/** `repeat`: what the step leads to, and what it leads to from there, each once. Throws when that does not end. */
export function repeated(input: readonly TypedValue[], step: (item: TypedValue) => TypedValue[]): TypedValue[] {
  const found: TypedValue[] = [];
  for (let layer = input.flatMap(step); layer.length > 0; ) {
    const added: TypedValue[] = [];
    for (const item of layer) {
      if (includes(found, item)) continue;
      found.push(item);
      added.push(item);
    }
    if (found.length > limits.validation.repeated) throw new Error('repeat() leads to too many elements');
    layer = added.flatMap(step);
  }
  return found;
}

/** What references lead to within the resource, else a resource of the type and id that the reference tells. */
export function resolved(input: readonly TypedValue[], root: unknown): TypedValue[] {
  return input.flatMap(({ value }) => {
    const text: unknown = typeof value === 'string' ? value : value?.reference;
    if (typeof text !== 'string') return typeof value?.type === 'string' ? [standIn(value.type)] : [];
    if (text.startsWith('#')) return containedIn(root, text.slice(1));
    const [, type, id] = /(?:^|\/)([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[^/]+)?$/.exec(text) ?? [];
    const [, sought] = /^([A-Z][A-Za-z]+)\?/.exec(text) ?? [];
    const told = type ?? sought ?? value?.type;
    return typeof told === 'string' ? [standIn(told, id)] : [];
  });
}

/** The context of an expression that is asked of one item: `$this` is the item. */
export function contextOf(parent: AtomContext, item: TypedValue, index: number): AtomContext {
  return { parent, variables: { $this: item, $index: { type: 'integer', value: index } } };
}

/** The nearest `$this`: what the arguments of a function are asked of. */
export function thisOf(context: AtomContext): TypedValue[] {
  for (let at: AtomContext | undefined = context; at; at = at.parent) {
    if (at.variables.$this) return [at.variables.$this];
  }
  return [];
}

export function variableOf(context: AtomContext, name: string): TypedValue | undefined {
  for (let at: AtomContext | undefined = context; at; at = at.parent) {
    if (at.variables[name]) return at.variables[name];
  }
  return undefined;
}

function standIn(resourceType: string, id?: string): TypedValue {
  return { type: resourceType, value: id === undefined ? { resourceType } : { resourceType, id } };
}

function containedIn(root: unknown, id: string): TypedValue[] {
  if (typeof root !== 'object' || root === null || !('contained' in root) || !Array.isArray(root.contained)) return [];
  const found: unknown = root.contained.find(
    (one: unknown) => typeof one === 'object' && one && Reflect.get(one, 'id') === id,
  );
  const type = typeof found === 'object' && found ? Reflect.get(found, 'resourceType') : undefined;
  return typeof type === 'string' ? [{ type, value: found }] : [];
}
