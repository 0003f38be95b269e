import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { r4 } from '../../fhir/types.ts';
import { refuse } from '../business-rule.ts';
import { checkWritten } from '../written-here.ts';

const rule = 'amendment';
export const careTaskSystem = `${canonicalBase}/CodeSystem/care-task`;

/**
 * Somebody of the family says that a record is wrong, and what would be right (45 CFR 164.526). The wish names the record and says it in words; a
 * denial says why; what was accepted names what was corrected. The record itself changes only by whoever answers.
 */
export const checkAmendment = checkWritten(rule, 'Task', (after, before) => {
  if (!isOfType(after, 'Task') || !isAmendment(after)) return ok(undefined);
  if (after.focus?.reference === undefined)
    return refuse(rule, 'A wish to correct the record names what is wrong.', 'Task.focus');
  if (!after.description?.trim())
    return refuse(
      rule,
      'A wish to correct the record says in words what is wrong and what would be right.',
      'Task.description',
    );
  if (isOfType(before, 'Task') && isAmendment(before) && before.focus?.reference !== after.focus.reference)
    return refuse(rule, 'What a wish is about does not change. Ask for a second one.', 'Task.focus');
  if (after.status === 'rejected' && !after.statusReason?.text?.trim())
    return refuse(rule, 'A denial says why in words: the family may disagree in writing.', 'Task.statusReason.text');
  if (after.status === 'completed' && !after.output?.some(({ valueReference }) => valueReference?.reference))
    return refuse(rule, 'What was corrected stands in the output, as a reference.', 'Task.output');
  return ok(undefined);
});

export function isAmendment({ code }: r4.Task): boolean {
  return code?.coding?.some((one) => one.system === careTaskSystem && one.code === 'amendment') === true;
}
