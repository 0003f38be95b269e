import { ok } from '../../base/errors.ts';
import { stringifyJson } from '../../fhir/json.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { refuse } from '../business-rule.ts';
import { checkWritten } from '../written-here.ts';
import { fulfillsReferral } from './states.ts';

const rule = 'referral-sent-is-fixed';
const fixed = ['requester', 'for', 'focus', 'basedOn', 'partOf'] as const;

/**
 * After a referral's Task is sent, nobody may turn it into another referral: who asks, for whom, and what stays (decision
 * D9).
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
  return ok(undefined);
});
