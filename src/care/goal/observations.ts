import { ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { isActionStep, ratingOf } from '../../fhir/coaching.ts';
import { isBarrier, scoreOf } from '../../fhir/goal-scale.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Reader, Visibility } from '../../store/types.ts';
import { resourceOf } from '../stored.ts';

type Observation = Resource & r4.Observation;

const focus = { code: 'focus', kind: 'reference', expression: 'Observation.focus' } as const;

/** Scores, barriers and ratings of coaching that are about a goal, as far as the visibility shows them, without those entered in error. */
export async function observationsAbout(
  reader: Reader,
  goalId: string,
  visibility: Visibility,
): Promise<Result<{ scores: Observation[]; barriers: Observation[]; ratings: Observation[] }>> {
  const answer = await reader.search(
    {
      type: 'Observation',
      filters: [{ kind: 'filter', param: focus, values: [{ kind: 'reference', type: 'Goal', id: goalId }] }],
      includes: [],
      revincludes: [],
      sort: [],
      count: limits.search.maxCount,
      total: 'none',
    },
    visibility,
  );
  if (!answer.ok) return answer;
  const valid = answer.value.matches.map(resourceOf).filter((one): one is Observation => isOfType(one, 'Observation'));
  const standing = valid.filter(({ status }) => status !== 'entered-in-error' && status !== 'cancelled');
  return ok({
    scores: standing.filter((one) => scoreOf(one) !== undefined),
    barriers: standing.filter((one) => isBarrier(one)),
    ratings: standing.filter((one) => ratingOf(one) !== undefined),
  });
}

/** The steps towards a goal that the visibility shows, those first that are due first. */
export async function stepsTowards(
  reader: Reader,
  goalId: string,
  visibility: Visibility,
): Promise<Result<(Resource & r4.Task)[]>> {
  const param = { code: 'focus', kind: 'reference', expression: 'Task.focus' } as const;
  const answer = await reader.search(
    {
      type: 'Task',
      filters: [{ kind: 'filter', param, values: [{ kind: 'reference', type: 'Goal', id: goalId }] }],
      includes: [],
      revincludes: [],
      sort: [],
      count: limits.search.maxCount,
      total: 'none',
    },
    visibility,
  );
  if (!answer.ok) return answer;
  const steps = answer.value.matches.map(resourceOf).filter(isActionStep);
  const due = (one: r4.Task) => one.restriction?.period?.end ?? '';
  return ok(steps.filter(({ status }) => status !== 'entered-in-error').sort((a, b) => (due(a) < due(b) ? -1 : 1)));
}

export async function scoresAbout(
  reader: Reader,
  goalId: string,
  visibility: Visibility,
): Promise<Result<Observation[]>> {
  const found = await observationsAbout(reader, goalId, visibility);
  return found.ok ? ok(found.value.scores) : found;
}
