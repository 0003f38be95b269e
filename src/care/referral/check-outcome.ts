import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { refuse } from '../business-rule.ts';
import { checkWritten } from '../written-here.ts';
import { stateOf } from './canonical-state.ts';
import { fulfillsReferral } from './states.ts';

const rule = 'referral-outcome-reviewed';

/**
 * The loop is closed over an outcome that was looked at (decision D9): what came of it is in the Task's output, or whoever asked writes down in a note
 * what was learned and done.
 */
export const checkOutcome = checkWritten(rule, 'Task', (after, before) => {
  if (!isOfType(after, 'Task') || !isOfType(before, 'Task') || !fulfillsReferral(after)) return ok(undefined);
  if (stateOf(after) !== 'loop-closed' || stateOf(before) === 'loop-closed') return ok(undefined);
  if ((after.output ?? []).length > 0 || (after.note ?? []).some(({ text }) => text.trim() !== ''))
    return ok(undefined);
  const text =
    'A loop is closed over an outcome: name the result in Task.output, or say in a note what was learned and done.';
  return refuse(rule, text, 'Task.output');
});
