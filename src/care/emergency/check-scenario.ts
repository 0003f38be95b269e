import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { r4 } from '../../fhir/types.ts';
import { refuse } from '../business-rule.ts';
import { localId } from '../local-id.ts';
import { checkWritten } from '../written-here.ts';
import { isInForce, isScenario, lackOf, scenarioOf } from './scenario.ts';

const rule = 'emergency-scenario';

/**
 * A scenario is about one child and, once in force, whole: what sets it off, what the family does, whom to call, what the emergency department
 * should do (S1.29). What a family said stays as it was said, and with who said it; a wish that is not taken up says why.
 */
export const checkScenario = checkWritten(rule, 'RequestGroup', (after, before) => {
  if (!isOfType(after, 'RequestGroup')) return ok(undefined);
  const was = isOfType(before, 'RequestGroup') && isScenario(before) ? before : undefined;
  if (!isScenario(after))
    return was
      ? refuse(rule, 'A scenario stays one: end it by its status instead.', 'RequestGroup.code')
      : ok(undefined);
  const child = localId(after.subject, 'Patient');
  if (child === undefined) return refuse(rule, 'A scenario has a Patient as its subject.', 'RequestGroup.subject');
  if (was && localId(was.subject, 'Patient') !== child)
    return refuse(rule, 'A scenario stays with its child.', 'RequestGroup.subject');
  if (was && !keepsWords(was, after)) {
    const text =
      'The family proposed this scenario in its own words, which are kept with who said them. Write the steps beside them.';
    return refuse(rule, text, 'RequestGroup.extension');
  }
  const isRefused = after.status === 'revoked' && was?.status === 'draft' && was.intent === 'proposal';
  if (isRefused && !after.note?.some(({ text }) => text.trim() !== ''))
    return refuse(rule, 'A proposed scenario that is not taken up says why, in a note.', 'RequestGroup.note');
  const lack = isInForce(after) ? lackOf(scenarioOf(after)) : undefined;
  return lack === undefined ? ok(undefined) : refuse(rule, lack, 'RequestGroup.action');
});

function keepsWords(before: r4.RequestGroup, after: r4.RequestGroup): boolean {
  const [was, is] = [scenarioOf(before), scenarioOf(after)];
  return (
    (was.words === undefined || was.words === is.words) &&
    (was.proposedBy === undefined || was.proposedBy === is.proposedBy)
  );
}
