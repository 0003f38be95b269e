import { ok, type Result } from '../../base/errors.ts';
import { convertValue } from '../engine/values/convert-quantity.ts';
import { Decimal } from '../engine/values/decimal.ts';
import { Quantity } from '../engine/values/quantity.ts';
import type { Value } from '../engine/values/types.ts';
import type { GroupDefinition } from '../types.ts';
import { wrongKind } from './criteria.ts';

/**
 * The UCUM unit in which the quantities of a group are counted: the scoringUnit of a continuous variable, in which its score is told. In a ratio what
 * is observed is divided, so its scoringUnit is not the unit of either side.
 */
export function observationUnit({ scoring, rateUnit }: GroupDefinition): string | undefined {
  // With a number below the line (`/(1000.mo)`) it says how a rate is told, and nothing of what is observed.
  return scoring === 'continuous-variable' && rateUnit?.factor === 1 ? rateUnit.code : undefined;
}

/**
 * The number that an observation comes to; undefined when it is not known. A quantity is told in `unit`, so that those of all children can be
 * put together; where there is none, or the quantity measures something else, it is refused.
 */
export function observedNumber(value: Value, expression: string, unit: string | undefined): Result<number | undefined> {
  if (value === null) return ok(undefined);
  if (typeof value === 'number') return ok(value);
  if (typeof value === 'bigint') return ok(Number(value));
  if (value instanceof Decimal) return ok(value.toNumber());
  if (!(value instanceof Quantity)) return wrongKind(expression, 'a number, because it is an observation');
  if (unit === undefined) {
    const instead = 'a continuous variable with a UCUM scoringUnit may give a quantity';
    return wrongKind(expression, `a number, because it is an observation (${instead})`);
  }
  const told = convertValue(value, value.unit.of(unit));
  return told ? ok(told.toNumber()) : wrongKind(expression, 'a quantity that can be told in the scoringUnit');
}
