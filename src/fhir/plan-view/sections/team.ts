import type { PlanSection, SectionLine } from '../section-types.ts';
import type { TeamMember } from '../types.ts';
import { type Chart, section } from './chart.ts';

const leadText = 'lead coordinator';

/** The care map: who is who, the lead coordinator first. */
export function careTeam({ team }: Chart): PlanSection | undefined {
  return section('care-team', 'Care team', team.map(line));
}

function line({ reference, name, roles, lead, sources }: TeamMember): SectionLine {
  return {
    references: reference === undefined ? [] : [reference],
    words: name,
    facts: [...(lead ? [leadText] : []), ...roles.filter((role) => !lead || role.toLowerCase() !== leadText)],
    said: sources.map(({ kind, label, site }) => ({ kind, who: label, ...(site !== undefined && { site }) })),
    open: true,
  };
}
