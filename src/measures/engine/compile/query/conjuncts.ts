import { nodesOf } from '../elm.ts';
import type { ElmNode } from '../types.ts';

/** The conditions that `and` puts together, from left to right. */
export function conjunctsOf(node: ElmNode): ElmNode[] {
  return node.type === 'And' ? nodesOf(node, 'operand').flatMap(conjunctsOf) : [node];
}
