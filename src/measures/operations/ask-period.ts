import type { Result } from '../../base/errors.ts';
import type { OperationParameters } from '../../module.ts';
import { parsePeriod } from '../period.ts';
import type { Period } from '../types.ts';

/** The measurement period of a request: both ends are dates and included, to the end of the year or month that they imply. */
export function periodAsked(parameters: OperationParameters): Result<Period> {
  return parsePeriod(parameters.text('periodStart'), parameters.text('periodEnd'));
}
