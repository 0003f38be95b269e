import type { CarePart } from '../parts.ts';
import { checkTeamMembers } from './check-members.ts';

/** Who looks after the child (decision D8). */
export const teamPart: CarePart = { checks: [checkTeamMembers] };
