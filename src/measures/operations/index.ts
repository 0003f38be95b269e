import type { Operation } from '../../module.ts';
import { evaluateMeasureOperation } from './evaluate-measure.ts';
import type { MeasureRoom } from './room.ts';

/** The operations on Measure. */
export function measureOperations(room: MeasureRoom): Operation[] {
  return [...evaluateMeasureOperation(room)];
}
