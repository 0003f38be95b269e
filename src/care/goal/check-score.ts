import { ok, type Result } from '../../base/errors.ts';
import { goalIn, isBarrier, levelIn, scaleOf, scoreOf, type Voice } from '../../fhir/goal-scale.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Tx } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import { concludeWritten } from '../written-here.ts';

const scoreRule = 'goal-score';
const barrierRule = 'goal-barrier';

/** Who speaks with which voice. */
const performers: Readonly<Record<Voice, RegExp>> = {
  caregiver: /^RelatedPerson\//,
  patient: /^Patient\//,
  practitioner: /^Practitioner(Role)?\//,
};

/**
 * A score is about one goal of the same child, at one of that goal's levels, with its day and who gave it; a caregiver's score is by a
 * caregiver (Person-Centered Outcomes guide). A barrier is about a goal of the same child too, and says what is in the way. Asked at the end
 * of the transaction: the goal may come with it.
 */
export const concludeGoalObservation = concludeWritten(
  'goal-observation',
  'Observation',
  async (after, _before, tx) => {
    if (!isOfType(after, 'Observation') || after.status === 'entered-in-error') return ok(undefined);
    if (isBarrier(after)) return checkBarrier(after, tx);
    return scoreOf(after) === undefined ? ok(undefined) : checkScore(after, tx);
  },
);

async function checkScore(observation: Resource & r4.Observation, tx: Tx): Promise<Result<void>> {
  const score = scoreOf(observation);
  if (score === undefined) return ok(undefined);
  const goal = await goalOf(observation, scoreRule, tx);
  if (!goal.ok) return goal;
  if (score.at === '') {
    return refuse(scoreRule, 'A score says in effectiveDateTime on which day it was given.', 'Observation.effective');
  }
  const level = levelIn(observation.valueCodeableConcept?.coding);
  if (level === undefined) {
    const text = 'A score has a level of LOINC answer list LL6900-6 as its value.';
    return refuse(scoreRule, text, 'Observation.value');
  }
  if (!scaleOf(goal.value).some((one) => one.level === level)) {
    const text = 'The goal has no such level. Give the goal its levels of attainment first, and score by one of them.';
    return refuse(scoreRule, text, 'Observation.value');
  }
  const { voice } = score;
  const isBy = (one: r4.Reference) => voice === 'baseline' || performers[voice].test(one.reference ?? '');
  if ((observation.performer ?? []).some(isBy)) return ok(undefined);
  const text = `A ${voice === 'baseline' ? 'baseline score names who' : `score by a ${voice} names the ${voice} who`} gave it.`;
  return refuse(scoreRule, text, 'Observation.performer');
}

async function checkBarrier(observation: Resource & r4.Observation, tx: Tx): Promise<Result<void>> {
  const goal = await goalOf(observation, barrierRule, tx);
  if (!goal.ok) return goal;
  const { valueString, valueCodeableConcept } = observation;
  if (valueString?.trim() || valueCodeableConcept) return ok(undefined);
  return refuse(barrierRule, 'A barrier says in its value what is in the way.', 'Observation.value');
}

async function goalOf(observation: Resource & r4.Observation, rule: string, tx: Tx): Promise<Result<r4.Goal>> {
  const goalId = goalIn(observation)?.slice('Goal/'.length);
  const goal = goalId === undefined ? undefined : currentOf(await tx.read('Goal', goalId));
  const child = localId(observation.subject, 'Patient');
  // Of another child's goal no more is said than of one that is not there.
  if (isOfType(goal, 'Goal') && child !== undefined && localId(goal.subject, 'Patient') === child) return ok(goal);
  return refuse(rule, 'It is about one goal of the same child, named in focus.', 'Observation.focus');
}
