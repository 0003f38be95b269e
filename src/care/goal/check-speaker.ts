import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { localReference } from '../../fhir/plan-view/index-of.ts';
import { refuse } from '../business-rule.ts';
import { localId } from '../local-id.ts';
import { isOfChild } from '../oneself.ts';
import { concludeWritten } from '../written-here.ts';

const rule = 'goal-speaker';
const ofFamily = /^(Patient|RelatedPerson)\/[A-Za-z0-9.-]{1,64}$/;

/**
 * Whom a person names as having said a goal is the child or somebody of its family (decision D7): another child's mother would put words into a
 * mouth that never spoke them, and they count as the family's. Who is not known here and who belongs to another child is refused in the same words.
 * Machines tell what was recorded elsewhere.
 */
export const concludeGoalSpeaker = concludeWritten(rule, 'Goal', async (after, before, tx) => {
  if (tx.actor.kind !== 'user' || !isOfType(after, 'Goal')) return ok(undefined);
  // Of any version: a name with one counts as the family's too.
  const speaker = localReference(after.expressedBy) ?? '';
  const isSame = isOfType(before, 'Goal') && localReference(before.expressedBy) === speaker;
  const child = localId(after.subject, 'Patient');
  if (isSame || child === undefined || !ofFamily.test(speaker)) return ok(undefined);
  if (await isOfChild(speaker, child, tx)) return ok(undefined);
  return refuse(
    rule,
    'Whoever said a goal is the child or somebody of its family who is known here.',
    'Goal.expressedBy',
  );
});
