import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';

/** Documents for so many children go into one answer; of more, ask in parts (a Group, a practitioner's panel). */
export function tooMany(children: number): Result<void> {
  const { childrenPerAnswer } = limits.measures;
  if (children <= childrenPerAnswer) return ok(undefined);
  return fail(
    'too-large',
    `An answer has the documents of ${childrenPerAnswer} children at most. Ask for a Group or a panel.`,
  );
}
