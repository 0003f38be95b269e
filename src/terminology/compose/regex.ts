import { createContext, Script } from 'node:vm';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';

/** The test of every list at once, in a context of its own: only so can a runaway pattern be stopped. */
const test = new Script('lists.map((list) => list.some((value) => pattern.test(value)))');

/**
 * For each list of values: does one match the whole pattern? A pattern that takes longer than `limits.terminology.regexMs`
 * over all values is `too-costly`, one that cannot be read is `invalid`.
 */
export function matchRegex(source: string, lists: readonly (readonly string[])[]): Result<boolean[]> {
  const pattern = compileRegex(source);
  if (!pattern.ok) return pattern;
  try {
    const context = createContext({ pattern: pattern.value, lists });
    return ok(Array.from(test.runInContext(context, { timeout: limits.terminology.regexMs }) as boolean[]));
  } catch {
    return fail('unprocessable', 'A regex filter of the value set takes too long.', { code: 'too-costly' });
  }
}

export function compileRegex(source: string): Result<RegExp> {
  if (source.length > limits.terminology.regexLength) {
    return fail('unprocessable', 'A regex filter of the value set is too long.', { code: 'too-costly' });
  }
  try {
    return ok(new RegExp(`^(?:${source})$`, 'u'));
  } catch {
    return fail('unprocessable', 'A regex filter of the value set is not a regular expression.', { code: 'invalid' });
  }
}
