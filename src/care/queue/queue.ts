import type { Clock } from '../../base/clock.ts';
import type { CarePart } from '../parts.ts';
import { checkDeletion } from './check-deletion.ts';
import { checkEnding } from './check-ending.ts';
import { escalateOverdue } from './escalate-job.ts';
import { keepTaskClocks } from './keep-clocks.ts';
import { workQueueOperation } from './work-queue.ts';

/** What waits for somebody, and since when; and that nothing leaves it without a reason. */
export function queuePart(clock: Clock, zone: string): CarePart {
  return {
    checks: [...checkEnding, checkDeletion],
    conclusions: [keepTaskClocks(zone)],
    operations: [workQueueOperation(clock)],
    jobs: [escalateOverdue],
  };
}
