import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Tx } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { checkWritten } from '../written-here.ts';
import { findForm } from './find-form.ts';
import { isTooLarge } from './items.ts';
import { hasLabels, part, privateLabels } from './private-answers.ts';

const rule = 'private-answers';

/**
 * What a caregiver answers in private is a restricted record from its first version on, under way or completed (decision D10): with the
 * labels that its form names, and never within a response to another form.
 */
export const checkPrivate = checkWritten(rule, 'QuestionnaireResponse', async (after, _before, tx) => {
  if (!isOfType(after, 'QuestionnaireResponse')) return ok(undefined);
  const form = await anyVersion(tx, after.questionnaire);
  if (!form.ok || form.value === undefined) return form.ok ? ok(undefined) : form;
  if (isTooLarge(form.value, after)) {
    return refuse(rule, 'The response has more items than are looked at.', 'QuestionnaireResponse.item');
  }
  if (part(form.value, after).apart.length > 0) {
    const text = 'Some of these answers are kept in a record of their own. Hand the response in by $submit.';
    return refuse(rule, text, 'QuestionnaireResponse.item');
  }
  if (hasLabels(after, privateLabels(form.value))) return ok(undefined);
  const text =
    'Responses to this form are restricted records. Hand the response in by $submit, or give it the labels of the form.';
  return refuse(rule, text, 'QuestionnaireResponse.meta.security');
});

/** A version that nobody has here does not make answers less private: then the newest speaks. */
async function anyVersion(tx: Tx, canonical: string | undefined): Promise<Result<r4.Questionnaire | undefined>> {
  const exact = await findForm(tx, canonical);
  return exact.ok && exact.value === undefined ? findForm(tx, canonical?.split('|')[0]) : exact;
}
