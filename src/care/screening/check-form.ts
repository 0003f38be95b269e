import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { r4 } from '../../fhir/types.ts';
import { refuse } from '../business-rule.ts';
import { checkWritten } from '../written-here.ts';
import { itemsOf } from './items.ts';
import { extension, extensions, ours, sdc } from './sdc.ts';

const rule = 'form-extracts-concerns';

/**
 * A form whose responses are extracted without anybody looking makes Observations and unconfirmed concerns, nothing else: a positive answer is
 * the start of a talk (decision D10), and whoever answers writes no other records by it. Other templates are for `$extract`, whose
 * Bundle somebody posts in their own name.
 */
export const checkForm = checkWritten(rule, 'Questionnaire', (after) => {
  if (!isOfType(after, 'Questionnaire')) return ok(undefined);
  if (extension(after, ours.extractOnCompletion)?.valueBoolean !== true) return ok(undefined);
  for (const element of [after, ...itemsOf(after)]) {
    if (extension(element, sdc.templateExtractBundle)) {
      const text = 'A form that is extracted on completion has no Bundle template.';
      return refuse(rule, text, 'Questionnaire.extension');
    }
    for (const one of extensions(element, sdc.templateExtract)) {
      const checked = checkTemplate(after, extension(one, 'template')?.valueReference?.reference);
      if (!checked.ok) return checked;
    }
  }
  return ok(undefined);
});

function checkTemplate({ contained = [] }: r4.Questionnaire, reference: string | undefined): Result<void> {
  const found = contained.find(({ id }) => id !== undefined && `#${id}` === reference);
  const template = found && { ...found };
  if (isOfType(template, 'Observation')) return ok(undefined);
  if (isOfType(template, 'Condition') && isUnconfirmed(template)) return ok(undefined);
  const text =
    'A form that is extracted on completion has templates of Observations and of unconfirmed Conditions only.';
  return refuse(rule, text, 'Questionnaire.contained');
}

/** By a fixed code, and by nothing that an answer could change. */
export function isUnconfirmed({ verificationStatus }: Pick<r4.Condition, 'verificationStatus'>): boolean {
  const codings = verificationStatus?.coding ?? [];
  return codings.length > 0 && codings.every(({ code, ...more }) => code === 'unconfirmed' && !('_code' in more));
}
