import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { refuse } from '../business-rule.ts';
import { checkWritten } from '../written-here.ts';

const rule = 'goal-of-caregiver';
/** Goal domains of the Person-Centered Outcomes guide; its drafts differ in how the system ends. */
const domains = /^http:\/\/hl7\.org\/fhir\/us\/pco\/CodeSystem\/pco-goal-domains/;

/**
 * A goal for a caregiver's own needs is said by a caregiver, and the child stays its subject: R4 knows no RelatedPerson there (decision D7).
 */
export const checkCaregiverGoal = checkWritten(rule, 'Goal', (after) => {
  if (!isOfType(after, 'Goal')) return ok(undefined);
  const isOwn = (after.category ?? []).some(({ coding }) =>
    coding?.some(({ system, code }) => code === 'caregiver-needs' && domains.test(system ?? '')),
  );
  if (!isOwn || /^RelatedPerson\//.test(after.expressedBy?.reference ?? '')) return ok(undefined);
  const text = 'A goal for the needs of a caregiver names in expressedBy the caregiver who said it.';
  return refuse(rule, text, 'Goal.expressedBy');
});
