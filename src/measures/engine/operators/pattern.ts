import { limits } from '../../../base/limits.ts';
import { CqlFault } from '../values/fault.ts';

/** A regular expression of a measure that is safe to run on any text up to a length. */
export interface Pattern {
  readonly source: string;
  /** Characters of text that it may be tried on. */
  readonly textLength: number;
}

/**
 * Reads a pattern, or says why it is refused. A loop within a loop (`(a+)+`) and a loop over alternatives that begin alike
 * (`(a|ab)*`) can take time without end on a short text, and back references cannot be bounded: such patterns are refused. What is
 * left takes at most the text's length to the power of its loops.
 */
export function readPattern(source: string): Pattern | string {
  const { patternLength, patternSteps } = limits.measures;
  if (source.length > patternLength) return `a pattern may have ${patternLength} characters.`;
  try {
    new RegExp(source, 'u');
  } catch {
    return 'the pattern is not a valid regular expression.';
  }
  const shape = shapeOf(source);
  if (typeof shape === 'string') return shape;
  return { source, textLength: Math.floor(patternSteps ** (1 / Math.max(1, shape.loops))) };
}

/** Stops the evaluation when a text is too long for a pattern. */
export function guard(pattern: Pattern, text: string): void {
  if (text.length > pattern.textLength)
    throw new CqlFault('a text is too long for the pattern that it is matched with.');
}

interface Group {
  hasLoop: boolean;
  /** The first characters of the alternatives; `*` for anything that is no plain character. */
  firsts: string[];
  isAtStart: boolean;
}

/** Counts the loops, walking through the pattern once. */
function shapeOf(source: string): { loops: number } | string {
  const groups: Group[] = [{ hasLoop: false, firsts: [], isAtStart: true }];
  let loops = 0;
  let closed: Group | undefined;
  for (let at = 0; at < source.length; at += 1) {
    const group = groups.at(-1);
    const character = source.charAt(at);
    if (!group) break;
    const loop = loopAt(source, at);
    if (loop > 0) {
      loops += 1;
      if (closed?.hasLoop) return 'a pattern may not repeat what already repeats.';
      if (closed && overlap(closed.firsts)) return 'a pattern may not repeat alternatives that begin alike.';
      for (const outer of groups) outer.hasLoop = true;
      at += loop - 1;
      closed = undefined;
      continue;
    }
    closed = undefined;
    if (character === '(') {
      note(group, '*');
      groups.push({ hasLoop: false, firsts: [], isAtStart: true });
      const opening = /^\((?:\?(?:[:=!]|<[=!]|<[^>]*>))?/.exec(source.slice(at))?.[0] ?? '(';
      at += opening.length - 1;
    } else if (character === ')') {
      if (group.isAtStart) group.firsts.push('*');
      closed = groups.pop();
    } else if (character === '|') {
      if (group.isAtStart) group.firsts.push('*');
      group.isAtStart = true;
    } else if (character === '[') {
      note(group, '*');
      at = classEnd(source, at);
    } else if (character === '\\') {
      const next = source.charAt(at + 1);
      if (/[1-9k]/.test(next)) return 'a pattern may not refer back to what it matched.';
      note(group, /[a-zA-Z]/.test(next) ? '*' : next);
      at += 1;
    } else note(group, character === '.' || character === '^' || character === '$' ? '*' : character);
  }
  return { loops };
}

function note(group: Group, first: string): void {
  if (group.isAtStart) group.firsts.push(first);
  group.isAtStart = false;
}

/** Whether two alternatives may begin with the same character. */
function overlap(firsts: readonly string[]): boolean {
  if (firsts.length < 2) return false;
  return firsts.includes('*') || new Set(firsts).size < firsts.length;
}

/** The length of `*`, `+`, `{2,}` or `{2,9}` at a place; 0 for none, and for a repetition of fixed or small length. */
function loopAt(source: string, at: number): number {
  const character = source.charAt(at);
  if (character === '*' || character === '+') return 1;
  if (character !== '{') return 0;
  const bounds = /^\{(\d+)(,(\d*))?\}/.exec(source.slice(at));
  if (!bounds) return 0;
  const isFixed = bounds[2] === undefined;
  const most = Number(bounds[3] || (isFixed ? bounds[1] : Number.POSITIVE_INFINITY));
  return isFixed && most <= 100 ? 0 : bounds[0].length;
}

function classEnd(source: string, from: number): number {
  for (let at = from + 1; at < source.length; at += 1) {
    if (source.charAt(at) === '\\') at += 1;
    else if (source.charAt(at) === ']') return at;
  }
  return source.length;
}
