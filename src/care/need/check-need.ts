import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { r4 } from '../../fhir/types.ts';
import { refuse } from '../business-rule.ts';
import { checkWritten } from '../written-here.ts';
import { withdrawnUrl } from './register.ts';
import { isSocialNeed } from './stages.ts';

const over: ReadonlySet<string | undefined> = new Set(['inactive', 'remission', 'resolved']);

const rule = 'need-ends-with-a-reason';

/**
 * Nothing leaves the register of needs unsaid (S0.10): a need that was met ends with its day; one that nobody follows any more, though it was
 * not met, stays as it is and says why.
 */
export const checkNeed = checkWritten(rule, 'Condition', (after, before) => {
  if (!isOfType(after, 'Condition') || !isSocialNeed(after)) return ok(undefined);
  const withdrawn = (after.extension ?? []).filter(({ url }) => url === withdrawnUrl);
  const isReason = ({ valueCodeableConcept }: r4.Extension) =>
    valueCodeableConcept?.coding?.some(({ system, code }) => system !== undefined && code !== undefined);
  if (!withdrawn.every(isReason)) {
    const text = 'A need is withdrawn for a reason, by a code of CodeSystem/ending-reason or another.';
    return refuse(rule, text, 'Condition.extension');
  }
  if (!isOver(after) || hasEnd(after) || (isOfType(before, 'Condition') && isOver(before))) return ok(undefined);
  const text =
    'A need that was met ends with its day (abatement). One that is followed no more stays active and is withdrawn with a reason.';
  return refuse(rule, text, 'Condition.abatement');
});

function isOver({ clinicalStatus }: r4.Condition): boolean {
  return clinicalStatus?.coding?.some(({ code }) => over.has(code)) === true;
}

function hasEnd(condition: r4.Condition): boolean {
  return Object.keys(condition).some((key) => /^_?abatement[A-Z]/.test(key));
}
