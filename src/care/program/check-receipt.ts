import { ok } from '../../base/errors.ts';
import { isSame } from '../../fhir/merge/three-way.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { localReference } from '../../fhir/plan-view/index-of.ts';
import type { r4 } from '../../fhir/types.ts';
import { refuse } from '../business-rule.ts';
import { checkWritten } from '../written-here.ts';
import { codeIn } from './enrollment.ts';
import { isSamePerson } from './hand-off.ts';
import { enrollmentNotice, monthlyDigest, noticeSystem } from './vocabulary.ts';

const rule = 'enrollment-notice';

/**
 * That primary care was told, and has read it, is a fact that is not made up: what was sent to whom stays, a receipt is the recipient's own, comes after
 * the sending, and is never taken back (S4.8).
 */
export const checkReceipt = checkWritten(rule, 'Communication', async (after, before, tx) => {
  if (!isOfType(before, 'Communication') || !isNotice(before) || !isOfType(after, 'Communication'))
    return ok(undefined);
  const recipients = (one: r4.Communication) => (one.recipient ?? []).map((each) => each.reference ?? '').join(' ');
  if (after.sent !== before.sent || recipients(after) !== recipients(before)) {
    return refuse(rule, 'When and to whom the notice of an enrollment was sent does not change.', 'Communication.sent');
  }
  if (!isSame(after.payload, before.payload) || !isSame(after.about, before.about)) {
    return refuse(rule, 'What the notice of an enrollment or a digest says does not change.', 'Communication.payload');
  }
  if (before.received !== undefined && after.received !== before.received) {
    return refuse(rule, 'The receipt of a notice stays as it is.', 'Communication.received');
  }
  if (after.status === 'completed' && after.received === undefined) {
    return refuse(
      rule,
      'The notice of an enrollment is completed when its receipt is recorded.',
      'Communication.received',
    );
  }
  if (after.received === undefined || before.received !== undefined) return ok(undefined);
  if (Date.parse(after.received) < Date.parse(before.sent ?? '')) {
    return refuse(rule, 'A notice is received after it was sent.', 'Communication.received');
  }
  if (tx.actor.kind !== 'user') return ok(undefined);
  for (const one of before.recipient ?? []) {
    if (await isSamePerson(tx, tx.actor.id, localReference(one) ?? '')) return ok(undefined);
  }
  return refuse(rule, 'That a notice was read is said by whom it was sent to.', 'Communication.received');
});

function isNotice({ category = [] }: r4.Communication): boolean {
  const code = codeIn(category, noticeSystem);
  return code === enrollmentNotice || code === monthlyDigest;
}
