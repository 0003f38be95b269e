import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { r4 } from '../../fhir/types.ts';
import { refuse } from '../business-rule.ts';
import { checkWritten } from '../written-here.ts';

const rule = 'social-need-not-a-diagnosis';
const usCoreCategory = 'http://hl7.org/fhir/us/core/CodeSystem/us-core-category';
const icd10cm = 'http://hl7.org/fhir/sid/icd-10-cm';
const diagnosisCategories: ReadonlySet<string | undefined> = new Set(['problem-list-item', 'encounter-diagnosis']);

/**
 * A positive screening is the start of a talk, not a diagnosis (decision D10): what a screening found is written down as an
 * unconfirmed concern, and comes onto the problem list only when a person has confirmed it.
 */
export const checkSocialNeed = checkWritten(rule, 'Condition', (after, before) => {
  if (!isOfType(after, 'Condition') || !isSocialNeed(after)) return ok(undefined);
  const codes = (after.verificationStatus?.coding ?? []).map(({ code }) => code);
  const saysConfirmed = codes.includes('confirmed');
  if (before === undefined && saysConfirmed && fromScreening(after)) {
    const text = 'A concern found by screening starts as unconfirmed; a talk with the family confirms it.';
    return refuse(rule, text, 'Condition.verificationStatus');
  }
  // Of two codes that contradict each other the careful one counts.
  const isConfirmed = saysConfirmed && codes.every((code) => code === 'confirmed');
  if (!isConfirmed && hasCategory(after, ({ code }) => diagnosisCategories.has(code))) {
    const text = 'A social need that nobody has confirmed is a health-concern, not a problem or a diagnosis.';
    return refuse(rule, text, 'Condition.category');
  }
  const wasConfirmed = isOfType(before, 'Condition') && verification(before) === 'confirmed';
  const isByNobody = after.asserter === undefined && (before !== undefined || after.recorder === undefined);
  if (saysConfirmed && !wasConfirmed && isByNobody) {
    return refuse(rule, 'Whoever confirms a social need is named as its asserter.', 'Condition.asserter');
  }
  return ok(undefined);
});

/** By its category; or, where that was left out, by what it rests on and how it is coded: Z55 to Z65, what a screening asks about. */
function isSocialNeed(condition: r4.Condition): boolean {
  if (hasCategory(condition, ({ system, code }) => system === usCoreCategory && code === 'sdoh')) return true;
  const isCoded = (condition.code?.coding ?? []).some(
    ({ system, code = '' }) => system === icd10cm && /^Z(5[5-9]|6[0-5])/i.test(code),
  );
  return isCoded && fromScreening(condition);
}

function hasCategory(condition: r4.Condition, wanted: (coding: r4.Coding) => boolean): boolean {
  return (condition.category ?? []).some(({ coding }) => coding?.some(wanted));
}

function verification(condition: r4.Condition): string | undefined {
  return condition.verificationStatus?.coding?.[0]?.code;
}

/** However the reference is written. */
function fromScreening(condition: r4.Condition): boolean {
  const details = (condition.evidence ?? []).flatMap(({ detail }) => detail ?? []);
  return details.some(({ reference }) => /(^|\/)(QuestionnaireResponse|Observation)\//.test(reference ?? ''));
}
