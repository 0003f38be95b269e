import type { Clock } from '../../base/clock.ts';
import { ok } from '../../base/errors.ts';
import type { FhirPath } from '../../fhir/fhirpath.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { isSync } from '../../store/sync-actor.ts';
import type { WriteEffect } from '../../store/types.ts';
import { localId } from '../local-id.ts';
import { isComplete, saysTheSame } from './check-response.ts';
import { extract } from './extract.ts';
import { findForm } from './find-form.ts';
import { extension, ours } from './sdc.ts';
import { writeExtracted } from './write-extracted.ts';

/**
 * A completed response to a form that asks for it is extracted in its own transaction; an amended one anew, and of one that was entered in
 * error nothing is left. So whoever may hand in answers need not be able to write what follows from them.
 */
export function extractOnCompletion(fhirPath: FhirPath, clock: Clock): WriteEffect {
  return {
    name: 'extract-on-completion',
    types: ['QuestionnaireResponse'],
    async apply({ after, before, id }, tx) {
      if (isSync(tx.actor) || !isOfType(after, 'QuestionnaireResponse')) return ok(undefined);
      if (before && saysTheSame(before, after)) return ok(undefined);
      const wasComplete = isOfType(before, 'QuestionnaireResponse') && isComplete(before);
      if (!isComplete(after) && !wasComplete) return ok(undefined);
      const form = await findForm(tx, after.questionnaire);
      if (!form.ok) return form;
      const asked = form.value && extension(form.value, ours.extractOnCompletion)?.valueBoolean === true;
      const childId = localId(after.subject, 'Patient');
      if (!form.value || !asked || childId === undefined) return ok(undefined);
      const response = { ...after, id };
      const extracted = isComplete(after) ? extract(form.value, response, fhirPath) : ok([]);
      if (!extracted.ok) return extracted;
      const last = wasComplete ? extract(form.value, { ...before, id }, fhirPath) : ok([]);
      const earlier = last.ok ? last.value : [];
      return writeExtracted(tx, { childId, response, extracted: extracted.value, earlier, clock });
    },
  };
}
