import { nodeOf, nodesOf } from './elm.ts';
import { Refusal } from './refusal.ts';
import { giveNull, type NodeCompiler, withName } from './site.ts';
import type { Compiled, ElmNode } from './types.ts';

/** `if`: what is not known to be true is otherwise. */
export const ifNode: NodeCompiler = (node, site) => {
  const [condition, then, otherwise] = ['condition', 'then', 'else'].map((part) => {
    const found = nodeOf(node, part);
    return found ? site.compile(found, site) : giveNull;
  }) as [Compiled, Compiled, Compiled];
  return (frame) => (condition(frame) === true ? then(frame) : otherwise(frame));
};

/** `case`, with or without a comparand. The comparand is computed once and compared by CQL's `=`. */
export const caseNode: NodeCompiler = (node, site) => {
  const comparand = nodeOf(node, 'comparand');
  const otherwise = nodeOf(node, 'else');
  const saved = site.slots.next;
  const bound = comparand ? withName(site, '$case') : undefined;
  const inner = bound?.site ?? site;
  const items = nodesOf(node, 'caseItem').map((item) => {
    const [when, then] = [nodeOf(item, 'when'), nodeOf(item, 'then')];
    if (!when || !then) throw new Refusal('Case has an item without when or then.', site.place, node.locator);
    const test: ElmNode = bound ? { type: 'Equal', operand: [{ type: 'AliasRef', name: '$case' }, when] } : when;
    return { when: inner.compile(test, inner), value: inner.compile(then, inner) };
  });
  const last = otherwise ? inner.compile(otherwise, inner) : giveNull;
  const compared = comparand && site.compile(comparand, site);
  site.slots.next = saved;
  return (frame) => {
    if (bound && compared) frame.locals[bound.slot] = compared(frame);
    for (const { when, value } of items) if (when(frame) === true) return value(frame);
    return last(frame);
  };
};
