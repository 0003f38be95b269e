import type { Clock } from '../../base/clock.ts';
import type { CarePart } from '../parts.ts';
import { escalateOverdue } from './escalate-job.ts';
import { keepTaskClocks } from './keep-clocks.ts';
import { workQueueOperation } from './work-queue.ts';

/** What waits for somebody, and since when. */
export function queuePart(clock: Clock): CarePart {
  return { conclusions: [keepTaskClocks], operations: [workQueueOperation(clock)], jobs: [escalateOverdue] };
}
