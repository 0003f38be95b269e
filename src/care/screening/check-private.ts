import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { refuse } from '../business-rule.ts';
import { checkWritten } from '../written-here.ts';
import { findForm } from './find-form.ts';
import { hasLabels, part, privateLabels } from './private-answers.ts';

const rule = 'private-answers';

/**
 * What a caregiver answers in private is a restricted record from its first version on, under way or completed (decision D10): with the
 * labels that its form names, and never within a response to another form.
 */
export const checkPrivate = checkWritten(rule, 'QuestionnaireResponse', async (after, _before, tx) => {
  if (!isOfType(after, 'QuestionnaireResponse')) return ok(undefined);
  const form = await findForm(tx, after.questionnaire);
  if (!form.ok || form.value === undefined) return form.ok ? ok(undefined) : form;
  if (part(form.value, after).apart.length > 0) {
    const text = 'Some of these answers are kept in a record of their own. Hand the response in by $submit.';
    return refuse(rule, text, 'QuestionnaireResponse.item');
  }
  if (hasLabels(after, privateLabels(form.value))) return ok(undefined);
  const text =
    'Responses to this form are restricted records. Hand the response in by $submit, or give it the labels of the form.';
  return refuse(rule, text, 'QuestionnaireResponse.meta.security');
});
