import type { CarePart } from '../parts.ts';
import { checkGoalAnswers } from './check-answers.ts';
import { checkGoalStatusDate } from './check-status-date.ts';
import { checkGoalWords } from './check-words.ts';

/** What the family and the clinicians want (decision D7). */
export const goalPart: CarePart = { checks: [checkGoalWords, checkGoalStatusDate, checkGoalAnswers] };
