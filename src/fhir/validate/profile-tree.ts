import type { r4 } from '../types.ts';
import { idOf } from './profile-elements.ts';

/** The elements of a profile by their ids: `Observation.component:systolic.value[x]`. */
export interface ElementNode {
  /** With `[x]` for a choice. */
  name: string;
  element?: r4.ElementDefinition;
  children: Map<string, ElementNode>;
  slices: Map<string, ElementNode>;
}

export function treeOf(type: string, elements: readonly r4.ElementDefinition[]): ElementNode {
  const root = emptyNode(type);
  for (const element of elements) {
    let node = root;
    for (const segment of idOf(element).split('.').slice(1)) {
      const [name = '', slice] = segment.split(':');
      node = childOf(node.children, name, name);
      if (slice !== undefined) node = childOf(node.slices, slice, name);
    }
    node.element = element;
  }
  return root;
}

function childOf(nodes: Map<string, ElementNode>, key: string, name: string): ElementNode {
  const node = nodes.get(key) ?? emptyNode(name);
  nodes.set(key, node);
  return node;
}

function emptyNode(name: string): ElementNode {
  return { name, children: new Map(), slices: new Map() };
}

/** The value of `fixed[x]` or `pattern[x]` of an element. */
export function constantOf(
  element: r4.ElementDefinition | undefined,
  kind: 'fixed' | 'pattern',
): { value: unknown } | undefined {
  const found = Object.entries(element ?? {}).find(([property]) => property.startsWith(kind));
  return found && { value: found[1] };
}
