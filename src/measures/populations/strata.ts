import { ok, type Result } from '../../base/errors.ts';
import type { Evaluation, Logic } from '../engine/logic.ts';
import { ModelNode } from '../engine/values/model-node.ts';
import type { Value } from '../engine/values/types.ts';
import { joinStrata, type Stratum } from '../stratum.ts';
import type { StratifierDefinition } from '../types.ts';
import { type Asked, askedOf, type Counted } from './criteria.ts';
import { stratumOf } from './stratum-of.ts';

/** The strata of one unit that is in these populations: a stratifier that applies to none of them is left out. */
export type Stratify = (
  evaluation: Evaluation,
  unit: Counted,
  populations: readonly string[],
) => Result<Record<string, Stratum>>;

export function stratifyOf(
  stratifiers: readonly StratifierDefinition[],
  logic: Pick<Logic, 'functions' | 'definitions'>,
): Stratify {
  const plans = stratifiers.map(({ id, appliesTo, components }) => ({
    id,
    appliesTo,
    asked: components.map(({ expression }) => askedOf(expression, logic)),
  }));
  return (evaluation, unit, populations) => {
    const strata: Record<string, Stratum> = {};
    for (const { id, appliesTo, asked } of plans) {
      if (appliesTo && !populations.some((population) => appliesTo.includes(population))) continue;
      const parts = partsOf(asked, evaluation, unit);
      if (!parts.ok) return parts;
      strata[id] = joinStrata(parts.value);
    }
    return ok(strata);
  };
}

function partsOf(asked: readonly Asked[], evaluation: Evaluation, unit: Counted): Result<Stratum[]> {
  const parts: Stratum[] = [];
  for (const ask of asked) {
    const answer = ask(evaluation, unit);
    if (!answer.ok) return answer;
    parts.push(
      isListOfEpisodes(answer.value, unit) ? String(has(evaluation, answer.value, unit)) : stratumOf(answer.value),
    );
  }
  return ok(parts);
}

/** Criteria of an episode stratum may be the list of the episodes in it. */
function isListOfEpisodes(value: Value, unit: Counted): value is readonly Value[] {
  return unit !== true && Array.isArray(value) && value.every((item) => isSameKind(item, unit));
}

function isSameKind(item: Value, unit: ModelNode): boolean {
  return item instanceof ModelNode && item.typeName === unit.typeName;
}

function has(evaluation: Evaluation, values: readonly Value[], unit: Counted): boolean {
  const reference = unit === true ? undefined : evaluation.referenceOf(unit);
  return values.some(
    (value) => value === unit || (reference !== undefined && evaluation.referenceOf(value) === reference),
  );
}
