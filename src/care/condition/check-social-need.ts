import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { r4 } from '../../fhir/types.ts';
import { refuse } from '../business-rule.ts';
import { checkWritten } from '../written-here.ts';

const rule = 'social-need-not-a-diagnosis';
const usCoreCategory = 'http://hl7.org/fhir/us/core/CodeSystem/us-core-category';
const diagnosisCategories: ReadonlySet<string | undefined> = new Set(['problem-list-item', 'encounter-diagnosis']);

/**
 * A positive screening is the start of a talk, not a diagnosis (decision D10): what a screening found is written down as an
 * unconfirmed concern, and comes onto the problem list only when a person has confirmed it.
 */
export const checkSocialNeed = checkWritten(rule, 'Condition', (after, before) => {
  if (!isOfType(after, 'Condition') || !hasCategory(after, (coding) => isSocial(coding))) return ok(undefined);
  const confirmed = verification(after) === 'confirmed';
  if (before === undefined && confirmed && fromScreening(after)) {
    const text = 'A concern found by screening starts as unconfirmed; a talk with the family confirms it.';
    return refuse(rule, text, 'Condition.verificationStatus');
  }
  if (!confirmed && hasCategory(after, ({ code }) => diagnosisCategories.has(code))) {
    const text = 'A social need that nobody has confirmed is a health-concern, not a problem or a diagnosis.';
    return refuse(rule, text, 'Condition.category');
  }
  const confirmedNow = isOfType(before, 'Condition') && verification(before) !== 'confirmed' && confirmed;
  if (confirmedNow && after.asserter === undefined) {
    return refuse(rule, 'Whoever confirms a social need is named as its asserter.', 'Condition.asserter');
  }
  return ok(undefined);
});

function isSocial({ system, code }: r4.Coding): boolean {
  return system === usCoreCategory && code === 'sdoh';
}

function hasCategory(condition: r4.Condition, wanted: (coding: r4.Coding) => boolean): boolean {
  return (condition.category ?? []).some(({ coding }) => coding?.some(wanted));
}

function verification(condition: r4.Condition): string | undefined {
  return condition.verificationStatus?.coding?.[0]?.code;
}

function fromScreening(condition: r4.Condition): boolean {
  const details = (condition.evidence ?? []).flatMap(({ detail }) => detail ?? []);
  return details.some(({ reference }) => /^(QuestionnaireResponse|Observation)\//.test(reference ?? ''));
}
