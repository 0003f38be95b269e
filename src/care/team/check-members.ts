import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { isLead } from '../../fhir/plan-view/team.ts';
import { refuse } from '../business-rule.ts';
import { checkWritten } from '../written-here.ts';
import { isCurrent, isPrimaryCare } from './participants.ts';

const rule = 'care-team-members';

/** A team has someone in a named role (US Core CareTeam), and at most one lead coordinator and one primary care clinician at a time (decision D8). */
export const checkTeamMembers = checkWritten(rule, 'CareTeam', (after) => {
  if (!isOfType(after, 'CareTeam')) return ok(undefined);
  const participants = after.participant ?? [];
  if (!participants.some(({ role, member }) => member !== undefined && role !== undefined && role.length > 0)) {
    return refuse(rule, 'A care team has at least one participant with a member and a role.', 'CareTeam.participant');
  }
  const leads = participants.filter((participant) => isLead(participant) && isCurrent(participant));
  if (leads.length > 1) {
    return refuse(rule, 'A care team has one lead coordinator at a time.', 'CareTeam.participant.extension');
  }
  if (participants.filter((participant) => isPrimaryCare(participant) && isCurrent(participant)).length > 1) {
    const text = 'A care team has one primary care clinician at a time. End the membership of the one before.';
    return refuse(rule, text, 'CareTeam.participant.role');
  }
  return ok(undefined);
});
