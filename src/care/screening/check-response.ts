import { ok } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { type FhirPath, withinMs } from '../../fhir/fhirpath.ts';
import { stringifyJson } from '../../fhir/json.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { WriteCheck } from '../../store/types.ts';
import { checkWritten } from '../written-here.ts';
import { calculated } from './calculate.ts';
import { answerProblems } from './check-answers.ts';
import { findForm } from './find-form.ts';

const rule = 'response-fits-its-form';

/** The states of a response that says all it has to say. */
export function isComplete({ status }: Pick<r4.QuestionnaireResponse, 'status'>): boolean {
  return status === 'completed' || status === 'amended';
}

/** Nothing but what is said about the record has changed (a label, a tag): what was right by its form then, stays so when the form goes on. */
export function saysTheSame(before: Resource, after: Resource): boolean {
  const said = ({ meta: _, id: __, ...content }: Resource) => stringifyJson(content);
  return said(before) === said(after);
}

/** A completed response fits the form it names, where that form is kept here: every problem at once. One that is under way may still be anything. */
export function checkResponse(engine: FhirPath): WriteCheck {
  return checkWritten(rule, 'QuestionnaireResponse', async (after, before, tx) => {
    if (!isOfType(after, 'QuestionnaireResponse') || !isComplete(after)) return ok(undefined);
    if (before && saysTheSame(before, after)) return ok(undefined);
    const form = await findForm(tx, after.questionnaire);
    if (!form.ok || form.value === undefined) return form.ok ? ok(undefined) : form;
    const fhirPath = withinMs(engine, limits.care.formMs);
    const issues = [
      ...answerProblems(form.value, after, fhirPath),
      ...calculated(form.value, after, fhirPath).issues,
    ].map((issue) => ({ ...issue, text: `${rule}: ${issue.text}` }));
    return issues.length === 0 ? ok(undefined) : { ok: false, error: { kind: 'unprocessable', issues } };
  });
}
