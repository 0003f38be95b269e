import { fail, ok } from '../../../base/errors.ts';
import { isOfType } from '../../../fhir/of-type.ts';
import { coSignCode } from '../../../fhir/plan-view/sections/review.ts';
import type { r4 } from '../../../fhir/types.ts';
import type { Reader } from '../../../store/types.ts';
import { refuse } from '../../business-rule.ts';
import { localId } from '../../local-id.ts';
import { currentOf } from '../../stored.ts';
import { checkWritten } from '../../written-here.ts';
import { isSamePerson, practitionerOf } from './co-sign.ts';
import { hasCareCode } from './review-task.ts';

const rule = 'co-sign-by-owner';
const changedSince =
  'Somebody has changed the plan since it was read. Nothing was signed: read it as it is now, then sign.';

/**
 * A signature is one's own: a co-sign Task names a clinician as owner and the plan as focus, and only that clinician completes it. Who names in the focus the
 * version that they read (`CarePlan/x/_history/4`) signs that one, and only as long as nobody has changed the plan since: 412.
 */
export const checkCoSign = checkWritten(rule, 'Task', async (after, before, tx) => {
  if (!isOfType(after, 'Task')) return ok(undefined);
  const wasSigning = isOfType(before, 'Task') && hasCareCode(before, coSignCode);
  if (!hasCareCode(after, coSignCode)) {
    return wasSigning ? refuse(rule, 'A co-signature stays one: cancel it instead.', 'Task.code') : ok(undefined);
  }
  const owner = await practitionerOf(tx, after.owner);
  if (owner === undefined)
    return refuse(rule, 'A co-sign Task names the clinician who is to sign as its owner.', 'Task.owner');
  if (localId(after.focus, 'CarePlan') === undefined)
    return refuse(rule, 'A co-sign Task names the plan that is to be signed as its focus.', 'Task.focus');
  const isSigned = wasSigning && before.status === 'completed';
  if (after.status === 'completed' && !isSigned) {
    if (tx.actor.kind !== 'user' || !(await isSamePerson(tx, tx.actor.id, owner)))
      return refuse(
        rule,
        'Only the clinician who is asked to sign completes this Task, signed in as themselves.',
        'Task.status',
      );
    if (await isOutOfDate(tx, after.focus)) return fail('precondition', changedSince, { expression: ['Task.focus'] });
  }
  if (isSigned && (await practitionerOf(tx, before.owner)) !== owner)
    return refuse(rule, 'What was signed stays signed by whoever signed it.', 'Task.owner');
  return ok(undefined);
});

/** The focus names a version of the plan that is not the newest any more. */
async function isOutOfDate(reader: Reader, focus: r4.Reference | undefined): Promise<boolean> {
  const version = focus?.reference?.split('/_history/')[1];
  if (version === undefined) return false;
  const plan = currentOf(await reader.read('CarePlan', localId(focus, 'CarePlan') ?? ''));
  return plan?.meta?.versionId !== version;
}
