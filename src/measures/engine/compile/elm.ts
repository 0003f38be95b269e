import type { ElmNode } from './types.ts';

/** Reading ELM as JSON: a border, so nothing is taken on trust. */

export function isNode(value: unknown): value is ElmNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The node in a property, or undefined. */
export function nodeOf(node: ElmNode, property: string): ElmNode | undefined {
  const value = node[property];
  return isNode(value) ? value : undefined;
}

/** The nodes of a list property; a single node counts as a list of one, an absent one as none. */
export function nodesOf(node: ElmNode, property: string): ElmNode[] {
  const value = node[property];
  if (Array.isArray(value)) return value.filter(isNode);
  return isNode(value) ? [value] : [];
}

export function textOf(node: ElmNode, property: string): string | undefined {
  const value = node[property];
  return typeof value === 'string' ? value : undefined;
}

/** The entries of a section of a library, `{ def: [...] }`, by name; the first of a name counts. */
export function entriesOf(library: ElmNode, section: string): ElmNode[] {
  const found = nodeOf(library, section);
  return found ? nodesOf(found, 'def') : [];
}

/** The library in an ELM file, `{ library: … }`; undefined when it is none. */
export function libraryOf(elm: unknown): ElmNode | undefined {
  return isNode(elm) ? nodeOf(elm, 'library') : undefined;
}

/** Name and version of a library; empty texts when it has none. */
export function identifierOf(library: ElmNode): { id: string; version: string } {
  const identifier = nodeOf(library, 'identifier') ?? {};
  return { id: textOf(identifier, 'id') ?? '', version: textOf(identifier, 'version') ?? '' };
}
