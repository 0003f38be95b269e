import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { refuse } from '../business-rule.ts';
import { checkWritten } from '../written-here.ts';

const rule = 'goal-answers';
const acceptanceUrl = 'http://hl7.org/fhir/StructureDefinition/goal-acceptance';
const reasonUrl = 'http://hl7.org/fhir/StructureDefinition/goal-reasonRejected';
const answers: ReadonlySet<string | undefined> = new Set(['agree', 'disagree', 'pending']);

/**
 * Each stakeholder's answer to a goal is kept by name (goal-acceptance), so that a disagreement stays visible, and a rejected
 * goal says why (goal-reasonRejected), so that the family is not left guessing (decision D7).
 */
export const checkGoalAnswers = checkWritten(rule, 'Goal', (after) => {
  if (!isOfType(after, 'Goal')) return ok(undefined);
  const extensions = after.extension ?? [];
  for (const { url, extension } of extensions) {
    if (url !== acceptanceUrl) continue;
    const status = extension?.find((part) => part.url === 'status')?.valueCode;
    const person = extension?.find((part) => part.url === 'individual')?.valueReference;
    if (person === undefined || !answers.has(status)) {
      const text = 'A goal-acceptance names the individual, and its status is agree, disagree or pending.';
      return refuse(rule, text, 'Goal.extension');
    }
  }
  if (after.lifecycleStatus === 'rejected' && !extensions.some(({ url }) => url === reasonUrl)) {
    return refuse(rule, 'A rejected goal says why, in the extension goal-reasonRejected.', 'Goal.extension');
  }
  return ok(undefined);
});
