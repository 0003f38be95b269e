import { ok, type Result } from '../../base/errors.ts';
import { isCoachingSession, ratingOf } from '../../fhir/coaching.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Tx } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import { concludeWritten } from '../written-here.ts';
import { goalAbout } from './goal-about.ts';

const rule = 'coaching-rating';

/**
 * How ready or confident somebody is (S4.2): from 0 to 10, about one goal of the child, by the caregiver or the child whose answer it is, on a day, in a coaching
 * session: its encounter, or a message that names it in `about`. Asked at the end of the transaction: goal and session may come with it.
 */
export const concludeRating = concludeWritten(rule, 'Observation', async (after, before, tx) => {
  const rating = ratingOf(after);
  if (rating === undefined || !isOfType(after, 'Observation') || after.status === 'entered-in-error')
    return ok(undefined);
  if (rating.value === undefined) {
    return refuse(rule, 'A rating is a whole number from 0 to 10, as valueInteger.', 'Observation.value');
  }
  if (rating.at === '')
    return refuse(rule, 'A rating says in effectiveDateTime when it was given.', 'Observation.effective');
  if (!/^(RelatedPerson|Patient)\//.test(rating.who ?? '') || after.performer?.length !== 1) {
    const text = 'A rating is one person’s own answer: its performer is a RelatedPerson or the Patient.';
    return refuse(rule, text, 'Observation.performer');
  }
  if (rating.who?.startsWith('Patient/') && rating.who !== after.subject?.reference)
    return refuse(rule, 'A Patient who answers is the child itself.', 'Observation.performer');
  const goal = await goalAbout(after, after.subject, tx);
  if (goal === undefined)
    return refuse(rule, 'It is about one goal of the same child, named in focus.', 'Observation.focus');
  return ratingOf(before) === undefined ? checkSession(after, tx) : ok(undefined);
});

async function checkSession(rating: Resource & r4.Observation, tx: Tx): Promise<Result<void>> {
  const child = localId(rating.subject, 'Patient');
  const id = localId(rating.encounter, 'Encounter');
  const visit = id === undefined ? undefined : currentOf(await tx.read('Encounter', id));
  const isOf = (session: Resource | undefined) =>
    isCoachingSession(session) && localId(session.subject, 'Patient') === child;
  const naming = tx.changes.some(
    ({ after }) =>
      isOfType(after, 'Communication') &&
      isOf(after) &&
      (after.about ?? []).some((one) => localId(one, 'Observation') === rating.id),
  );
  if (isOf(visit) || naming) return ok(undefined);
  const text =
    'A rating belongs to a coaching session of this child: its encounter, or a message (Communication) that comes with it and names it in about.';
  return refuse(rule, text, 'Observation.encounter');
}
