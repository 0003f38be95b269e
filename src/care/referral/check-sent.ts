import { ok } from '../../base/errors.ts';
import { stringifyJson } from '../../fhir/json.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { refuse } from '../business-rule.ts';
import { checkWritten } from '../written-here.ts';
import { closedTask, fulfillsReferral } from './states.ts';

const rule = 'referral-sent-is-fixed';
const fixed = ['requester', 'for', 'focus', 'basedOn', 'partOf'] as const;

/**
 * After a referral's Task is sent, nobody may turn it into another referral: who asks, for whom, and what stays (decision
 * D9). And what is closed stays closed, except to say that it was an error: a re-opened referral is a new Task.
 */
export const checkSentReferral = checkWritten(rule, 'Task', (after, before) => {
  if (!isOfType(after, 'Task') || !isOfType(before, 'Task')) return ok(undefined);
  if (!fulfillsReferral(before) || before.status === 'draft') return ok(undefined);
  const moved = fixed.find(
    (element) => stringifyJson(before[element] ?? null) !== stringifyJson(after[element] ?? null),
  );
  if (moved !== undefined) {
    return refuse(rule, `Task.${moved} does not change after a referral is sent.`, `Task.${moved}`);
  }
  if (closedTask.has(before.status) && after.status !== before.status && after.status !== 'entered-in-error') {
    const text = `A referral that is ${before.status} does not become ${after.status}. Make a new Task instead.`;
    return refuse(rule, text, 'Task.status');
  }
  return ok(undefined);
});
