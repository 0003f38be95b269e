import { ok, type Result } from '../../base/errors.ts';
import type { Evaluation, Logic } from '../engine/logic.ts';
import type { GroupDefinition, GroupResult, SubjectResult, SupplementalDefinition } from '../types.ts';
import { groupEvaluator } from './evaluate-group.ts';
import { strataOf } from './stratum-of.ts';

/**
 * Makes what answers a measure for one child: every group, and the supplemental data of a child who counts in one of them. Pure and
 * synchronous. An error names library and expression and nothing of the record.
 */
export function measureEvaluator(
  definition: { groups: readonly GroupDefinition[]; supplemental: readonly SupplementalDefinition[] },
  logic: Pick<Logic, 'functions' | 'definitions'>,
): (evaluation: Evaluation) => Result<SubjectResult> {
  const groups = definition.groups.map((group) => groupEvaluator(group, logic));
  return (evaluation) => {
    const results: GroupResult[] = [];
    for (const evaluate of groups) {
      const result = evaluate(evaluation);
      if (!result.ok) return result;
      results.push(result.value);
    }
    const supplemental: Record<string, string[]> = {};
    if (results.every(({ units }) => units.length === 0)) return ok({ groups: results, supplemental });
    for (const { id, expression } of definition.supplemental) {
      const answer = evaluation.value(expression);
      if (!answer.ok) return answer;
      supplemental[id] = strataOf(answer.value);
    }
    return ok({ groups: results, supplemental });
  };
}
