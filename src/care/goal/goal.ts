import type { Clock } from '../../base/clock.ts';
import type { CarePart } from '../parts.ts';
import { answerGoalOperation } from './answer-goal.ts';
import { attainmentOperation } from './attainment.ts';
import { checkGoalAnswers } from './check-answers.ts';
import { checkCaregiverGoal } from './check-caregiver.ts';
import { concludeCoachingMessage, concludeCoachingVisit } from './check-coaching.ts';
import { checkGoalLifecycle } from './check-lifecycle.ts';
import { concludeRating } from './check-rating.ts';
import { checkGoalScale } from './check-scale.ts';
import { concludeGoalObservation } from './check-score.ts';
import { concludeGoalSpeaker } from './check-speaker.ts';
import { checkGoalStatusDate } from './check-status-date.ts';
import { concludeActionStep } from './check-step.ts';
import { concludeGoalVoice } from './check-voice.ts';
import { checkGoalWords } from './check-words.ts';
import { concludeRejectedGoals } from './keep-rejected.ts';

/** What the family and the clinicians want (decision D7). */
export function goalPart(clock: Clock): CarePart {
  return {
    checks: [
      checkGoalWords,
      checkGoalStatusDate(clock),
      checkGoalAnswers,
      checkGoalLifecycle,
      checkGoalScale,
      checkCaregiverGoal,
    ],
    conclusions: [
      concludeGoalVoice,
      concludeGoalSpeaker,
      concludeGoalObservation,
      concludeRejectedGoals,
      concludeCoachingVisit,
      concludeCoachingMessage,
      concludeRating,
      concludeActionStep,
    ],
    operations: [answerGoalOperation(clock), attainmentOperation],
  };
}
