import type { CarePart } from '../parts.ts';
import { checkSocialNeed } from './check-social-need.ts';

/** Problems and concerns. */
export const conditionPart: CarePart = { checks: [checkSocialNeed] };
