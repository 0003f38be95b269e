import type { ElmNode } from '../compile/types.ts';
import type { PointType } from '../values/points.ts';
import { nodeIn, operandsIn, textIn } from './operands.ts';

/** What can be said of a node's type without running it, where null alone would not tell a list from an interval. */

const listNodes = new Set([
  'List',
  'Query',
  'Retrieve',
  'ToList',
  'Flatten',
  'Distinct',
  'Slice',
  'Collapse',
  'ExpandValueSet',
]);
const setNodes = new Set(['Union', 'Intersect', 'Except']);

/** Whether the node gives a list or null. False also means that it is not known. */
export function isListNode(node: ElmNode | undefined): boolean {
  if (!node) return false;
  if (listNodes.has(node.type ?? '')) return true;
  if (setNodes.has(node.type ?? '')) return operandsIn(node).some(isListNode);
  return specifierOf(node)?.type === 'ListTypeSpecifier';
}

/** The type that a cast or the translator gives to a node. */
function specifierOf(node: ElmNode): ElmNode | undefined {
  return nodeIn(node, 'asTypeSpecifier') ?? nodeIn(node, 'resultTypeSpecifier');
}

/** The point type that a node gives as far as a cast says so: the bound of `Interval[null as Integer, …]`. */
export function pointTypeOfNode(node: ElmNode | undefined): PointType | null {
  if (!node) return null;
  const specifier = specifierOf(node);
  const name =
    textIn(node, 'asType') ?? textIn(node, 'resultTypeName') ?? (specifier ? textIn(specifier, 'name') : undefined);
  return pointTypeNamed(name ?? '');
}

/** By qualified name, `{urn:hl7-org:elm-types:r1}Integer`; null for a type that intervals are not made of. */
export function pointTypeNamed(name: string): PointType | null {
  const bare = name.replace('{urn:hl7-org:elm-types:r1}', '');
  return points.find((point) => point === bare) ?? null;
}

const points: readonly PointType[] = ['Integer', 'Long', 'Decimal', 'Quantity', 'Date', 'DateTime', 'Time'];
