import type { Kept } from '../model/slice-view.ts';
import type { Value } from '../values/types.ts';
import { nodesOf, textOf } from './elm.ts';
import { mostRowsShared, type Shelf, sharedIn } from './once.ts';
import { definitionOf } from './references.ts';
import { type Run, spend } from './run.ts';
import type { FunctionBody, Site } from './site.ts';
import type { Compiled, ElmNode, Frame } from './types.ts';

/**
 * A call of a library's function whose result is kept for the child by the operands themselves: the codes of an encounter's type, the day of a dose,
 * the birthday of an age are asked for by many definitions of many measures. Values are immutable, so the same operands give the same result.
 */
export function rememberedCall(body: FunctionBody, operands: readonly Compiled[], shelf: () => Shelf): Compiled {
  const [only] = operands;
  if (only && operands.length === 1) {
    return (frame) => {
      const { run } = frame;
      spend(run);
      const value = only(frame);
      const kept = keptIn(run, shelf());
      const known = kept?.get(value);
      if (known !== undefined && !(known instanceof Map)) return known;
      const locals = new Array<Value | undefined>(body.size);
      locals[0] = value;
      return find(body, frame, locals, kept, value);
    };
  }
  const last = operands.length - 1;
  return (frame) => {
    const { run } = frame;
    spend(run);
    const locals = new Array<Value | undefined>(body.size);
    let kept = keptIn(run, shelf());
    for (let n = 0; n <= last; n++) {
      const value = operands[n]?.(frame) ?? null;
      locals[n] = value;
      if (n < last && kept) kept = within(kept, value);
    }
    const value = locals[last] ?? null;
    const known = kept?.get(value);
    return known !== undefined && !(known instanceof Map) ? known : find(body, frame, locals, kept, value);
  };
}

function find(
  body: FunctionBody,
  { moment, run }: Frame,
  locals: (Value | undefined)[],
  kept: Kept | undefined,
  last: Value,
): Value {
  const { steps } = run;
  const found = body.run({ moment, run, locals });
  if (steps - run.steps <= mostRowsShared) kept?.set(last, found);
  return found;
}

function keptIn(run: Run, shelf: Shelf): Kept | undefined {
  const { place } = shelf;
  const calls = place === undefined ? undefined : sharedIn(run, shelf)?.calls;
  if (place === undefined || !calls) return undefined;
  const known = calls[place];
  if (known) return known;
  const made: Kept = new Map();
  calls[place] = made;
  return made;
}

function within(kept: Kept, value: Value): Kept {
  const known = kept.get(value);
  if (known instanceof Map) return known;
  const made: Kept = new Map();
  kept.set(value, made);
  return made;
}

/** Nodes that give the very same value again: names, and what is computed once. */
const names = new Set(['AliasRef', 'OperandRef', 'QueryLetRef', 'Literal', 'Null', 'ParameterRef', 'CodeRef']);
/** Nodes that do so when what they are made of does. */
const parts = new Set(['As', 'FunctionRef', 'Start', 'End']);

/** Whether a node gives one and the same value whenever it is asked of a child, so that it is worth remembering by: a list that a query makes is another one each time. */
export function isSame(node: ElmNode, site: Site): boolean {
  const type = node.type ?? '';
  if (names.has(type)) return true;
  if (parts.has(type)) return nodesOf(node, 'operand').every((operand) => isSame(operand, site));
  if (type === 'Property') return nodesOf(node, 'source').every((source) => isSame(source, site));
  if (type === 'Add' || type === 'Subtract') return nodesOf(node, 'operand').some(isWhole);
  if (type === 'Retrieve') return !nodesOf(node, 'dateRange').length;
  // A definition of the measure itself is made anew for each measure, and mostly asked of but once.
  return type === 'ExpressionRef' && site.program.isShared(definitionOf(node, site));
}

/** What is added to a whole number is one. */
function isWhole(node: ElmNode): boolean {
  return node.type === 'Literal' && textOf(node, 'valueType') === '{urn:hl7-org:elm-types:r1}Integer';
}
