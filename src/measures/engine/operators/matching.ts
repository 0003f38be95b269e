import { limits } from '../../../base/limits.ts';
import { constantValue } from '../compile/constant.ts';
import type { Compiled, ElmNode } from '../compile/types.ts';
import { CqlFault } from '../values/fault.ts';
import type { Value } from '../values/types.ts';
import { folded, nodeIn, operandsIn } from './operands.ts';
import { guard, type Pattern, readPattern } from './pattern.ts';
import type { CompileOperand, OperatorCompiler, OperatorTable, Surroundings } from './types.ts';

interface Ready {
  pattern: Pattern;
  /** For the whole of a text. */
  full: RegExp;
  all: RegExp;
}

/** Gives the regular expression of a pattern: made at load when the pattern is constant, which also refuses a bad one there. */
function patterns(operand: Compiled, node: ElmNode, around: Surroundings): (text: string) => Ready {
  const constant = constantValue(operand);
  /** Those met lately, so that none is made for every record. */
  const known = new Map<string, Ready>();
  const make = (source: string, complain: (text: string) => never): Ready => {
    const pattern = readPattern(source);
    if (typeof pattern === 'string') return complain(pattern);
    const ready = { pattern, full: new RegExp(`^(?:${source})$`, 'u'), all: new RegExp(source, 'gu') };
    if (known.size >= limits.measures.patternsKept) known.clear();
    known.set(source, ready);
    return ready;
  };
  if (typeof constant === 'string') make(constant, (text) => around.refuse(`${node.type}: ${text}`));
  return (source) =>
    known.get(source) ??
    make(source, (text) => {
      throw new CqlFault(`${node.type}: ${text}`, node.locator);
    });
}

/** An operator on a text and a pattern, and perhaps another text. */
function matching(
  operandsOf: (node: ElmNode) => (ElmNode | undefined)[],
  compute: (text: string, ready: Ready, other: Value) => Value,
): OperatorCompiler {
  return (node: ElmNode, compile: CompileOperand, around: Surroundings) => {
    const [textNode, patternNode, otherNode] = operandsOf(node);
    const [text, pattern] = [compile(textNode), compile(patternNode)];
    const other = otherNode ? compile(otherNode) : undefined;
    const patternOf = patterns(pattern, node, around);
    return folded(other ? [text, pattern, other] : [text, pattern], (frame) => {
      const [from, source] = [text(frame), pattern(frame)];
      if (typeof from !== 'string' || typeof source !== 'string') return null;
      const ready = patternOf(source);
      guard(ready.pattern, from);
      return compute(from, ready, other ? other(frame) : null);
    });
  };
}

/**
 * Matches asks for the whole text, as the engines do that measures are written for; `.*` before or after asks for a part.
 * Source: CQL 1.5, Matches, ReplaceMatches, SplitOnMatches.
 */
export const matchers: OperatorTable = {
  Matches: matching(operandsIn, (text, { full }) => full.test(text)),
  ReplaceMatches: matching(operandsIn, (text, { all }, substitution) =>
    typeof substitution === 'string' ? text.replace(all, javaGroups(substitution)) : null,
  ),
  SplitOnMatches: (node, compile, around) => {
    const [text, separator] = [nodeIn(node, 'stringToSplit'), nodeIn(node, 'separatorPattern')];
    const split = matching(
      () => [text, separator],
      (from, { all }) => from.split(all),
    )(node, compile, around);
    // Without a separator the text is whole.
    const [whole, pattern] = [compile(text), compile(separator)];
    return (frame) => {
      if (pattern(frame) !== null) return split(frame);
      const from = whole(frame);
      return typeof from === 'string' ? [from] : null;
    };
  },
};

/** `$1` is a group in both dialects; `\$` is a dollar in CQL's, `$$` in JavaScript's. */
function javaGroups(substitution: string): string {
  return substitution.replace(/\\\$/g, '$$$$').replace(/\\\\/g, '\\');
}
