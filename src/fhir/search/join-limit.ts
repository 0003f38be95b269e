import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { CriterionContext } from './parse-context.ts';

/** The context behind one more join. Error `invalid` (too-costly) above the depth or the number that a search may have. */
export function join(context: CriterionContext): Result<CriterionContext> {
  const { maxChainDepth, maxJoins, maxJoinTries } = limits.search;
  const depth = context.depth + 1;
  if (depth > maxChainDepth) {
    return fail('invalid', `A search may follow ${maxChainDepth} references in a row (chains and _has).`, {
      code: 'too-costly',
    });
  }
  context.cost.joins += 1;
  // Types that turn out not to know what follows are no joins of the search, but looking at them all is work too.
  context.cost.tries += 1;
  if (context.cost.joins > maxJoins || context.cost.tries > maxJoinTries) {
    const text = `A search may follow references to ${maxJoins} resource types in all. Name the type in the chain, as in subject:Patient.name.`;
    return fail('invalid', text, { code: 'too-costly' });
  }
  return ok({ ...context, depth });
}
