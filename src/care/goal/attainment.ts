import { visibleInDocuments } from '../../access/decide.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { type Rating, ratingOf } from '../../fhir/coaching.ts';
import { agreementOf, reasonRejectedOf } from '../../fhir/goal-agreement.ts';
import { attainmentOf, type Score, scaleOf, scoreOf } from '../../fhir/goal-scale.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { currentOf } from '../stored.ts';
import { observationsAbout, stepsTowards } from './observations.ts';

/**
 * `GET Goal/[id]/$attainment`: how far a goal has come, by everybody who scored it, who agrees with it, and what is in the way. `achieved` is
 * suggested here and set by people: it is a judgement that has an author and a day, and voices may differ.
 */
export const attainmentOperation: Operation = {
  name: 'attainment',
  definition: `${canonicalBase}/OperationDefinition/attainment`,
  level: 'instance',
  resourceType: 'Goal',
  affectsState: false,
  parameters: [],
  requires: [
    ['Goal', 'r'],
    ['Observation', 'rs'],
  ],
  handle,
};

async function handle({ store, principal, id = '' }: OperationRequest): Promise<Result<Resource>> {
  const goal = currentOf(await store.readSeen('Goal', id, visibleInDocuments(principal)));
  if (!isOfType(goal, 'Goal')) return fail('not-found', 'There is no such Goal.');
  const found = await observationsAbout(store, id, visibleInDocuments(principal, 's'));
  if (!found.ok) return found;
  // Of steps no more is told than the caller's scopes let see: of none without Task.
  const steps = await stepsTowards(store, id, visibleInDocuments(principal, 's'));
  if (!steps.ok) return steps;
  const scores = found.value.scores.flatMap((one) => scoreOf(one) ?? []);
  const attainment = attainmentOf(scores);
  const agreement = agreementOf(goal);
  const rejected = reasonRejectedOf(goal);
  const words = new Map(scaleOf(goal).map(({ level, text }) => [level, text]));
  const all = [...(attainment.baseline ? [attainment.baseline] : []), ...Object.values(attainment.latest)];
  const parameter: r4.ParametersParameter[] = [
    { name: 'family', valueCode: agreement.family },
    { name: 'clinicians', valueCode: agreement.clinicians },
    { name: 'negotiated', valueBoolean: agreement.isNegotiated },
    ...(rejected === undefined ? [] : [{ name: 'rejectedBecause', valueString: rejected }]),
    ...all.map((score) => scoreParameter(score, words.get(score.level))),
    ...(attainment.suggests === undefined ? [] : [{ name: 'suggests', valueCode: attainment.suggests }]),
    ...found.value.ratings
      .flatMap((one) => ratingOf(one) ?? [])
      .sort((a, b) => (a.at < b.at ? -1 : 1))
      .map(ratingParameter),
    ...steps.value.map(stepParameter),
    ...found.value.barriers.map((one) => ({ name: 'barrier', resource: one as r4.FhirResource })),
  ];
  return ok({ resourceType: 'Parameters', parameter });
}

function scoreParameter({ voice, level = 0, at }: Score, text: string | undefined): r4.ParametersParameter {
  return {
    name: 'score',
    part: [
      { name: 'voice', valueCode: voice },
      { name: 'level', valueInteger: level },
      { name: 'date', valueDateTime: at },
      ...(text === undefined ? [] : [{ name: 'text', valueString: text }]),
    ],
  };
}

function ratingParameter({ scale, value = 0, at, who }: Rating): r4.ParametersParameter {
  return {
    name: 'rating',
    part: [
      { name: 'scale', valueCode: scale },
      { name: 'value', valueInteger: value },
      { name: 'date', valueDateTime: at },
      ...(who === undefined ? [] : [{ name: 'who', valueReference: { reference: who } }]),
    ],
  };
}

function stepParameter({
  id,
  status,
  description = '',
  owner,
  restriction,
}: Resource & r4.Task): r4.ParametersParameter {
  const due = restriction?.period?.end;
  return {
    name: 'step',
    part: [
      { name: 'task', valueReference: { reference: `Task/${id}` } },
      { name: 'status', valueCode: status },
      { name: 'text', valueString: description },
      ...(owner?.reference === undefined ? [] : [{ name: 'owner', valueReference: { reference: owner.reference } }]),
      ...(due === undefined ? [] : [{ name: 'due', valueDateTime: due }]),
    ],
  };
}
