import { ok } from '../../base/errors.ts';
import { scaleOf, scaleUrl } from '../../fhir/goal-scale.ts';
import { isSame } from '../../fhir/merge/three-way.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { seesAll } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { checkWritten } from '../written-here.ts';
import { scoresAbout } from './observations.ts';

const rule = 'goal-scale';
const most = 5;

/**
 * The levels of a goal: at most five, each said in words and each once (Person-Centered Outcomes guide, goal attainment scaling). Once somebody has
 * scored by them they stay: another scale under the old scores would make them say what nobody meant.
 */
export const checkGoalScale = checkWritten(rule, 'Goal', async (after, before, tx) => {
  if (!isOfType(after, 'Goal')) return ok(undefined);
  const levels = scaleOf(after);
  if (levels.length > most) return refuse(rule, `A goal has at most ${most} levels of attainment.`, 'Goal.extension');
  if (levels.some(({ level, text }) => level === undefined || !text?.trim())) {
    const text =
      'Each level of attainment has a level of LOINC answer list LL6900-6 and says in progressText what it is.';
    return refuse(rule, text, 'Goal.extension');
  }
  if (new Set(levels.map(({ level }) => level)).size < levels.length) {
    return refuse(rule, 'Two levels of attainment are the same. Give each level once.', 'Goal.extension');
  }
  if (!isOfType(before, 'Goal')) return ok(undefined);
  const scaleIn = (goal: typeof after) => (goal.extension ?? []).filter(({ url }) => url === scaleUrl);
  if (scaleOf(before).length === 0 || isSame(scaleIn(before), scaleIn(after))) return ok(undefined);
  const scores = await scoresAbout(tx, after.id ?? '', seesAll);
  if (!scores.ok) return scores;
  if (scores.value.length === 0) return ok(undefined);
  const text =
    'The levels of this goal have been scored, so they stay as they are. Write a new goal with other levels.';
  return refuse(rule, text, 'Goal.extension');
});
