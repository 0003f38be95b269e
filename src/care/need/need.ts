import type { Clock } from '../../base/clock.ts';
import type { CarePart } from '../parts.ts';
import { askJobs, lookAgain } from './ask-job.ts';
import { cascadeOperation } from './cascade-operation.ts';
import { checkNeed } from './check-need.ts';
import { needsOperation } from './needs-operation.ts';
import { preVisitOperation } from './pre-visit-operation.ts';

/** The register of social needs, open until they are met or withdrawn with a reason (decision D10, docs/screening.md). */
export function needPart(clock: Clock): CarePart {
  return {
    checks: [checkNeed],
    effects: [lookAgain],
    operations: [needsOperation(clock), cascadeOperation(clock), preVisitOperation(clock)],
    jobs: askJobs,
  };
}
