import type { Clock } from '../../base/clock.ts';
import type { CarePart } from '../parts.ts';
import { answerOperation } from './answer-operation.ts';
import { checkSameDay, concludeOffer } from './check-answer.ts';
import { escalateUnanswered, watchRequests } from './escalate-job.ts';
import { requestOperation } from './request-operation.ts';

export interface SameDayDeps {
  clock: Clock;
  /** IANA name of the zone of the practice. */
  zone: string;
}

/** A family that asks before noon has a slot or a reason on the same day (S1.20). */
export function sameDayPart(deps: SameDayDeps): CarePart {
  return {
    checks: [checkSameDay],
    effects: [watchRequests],
    conclusions: [concludeOffer(deps.zone)],
    operations: [requestOperation(deps), answerOperation(deps)],
    jobs: [escalateUnanswered],
  };
}
