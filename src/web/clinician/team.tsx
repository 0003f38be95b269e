import type { TeamMember } from '../../fhir/plan-view.ts';
import { rolesText, sourceText, words } from '../shared/words.ts';
import { anchorOf } from './section-view.tsx';

/** Who takes care of the child, the lead first. */
export function Team({ team, contributors }: { team: readonly TeamMember[]; contributors: readonly string[] }) {
  return (
    <section className="panel" id={anchorOf('care-team')} aria-labelledby="team-title">
      <details open>
        <summary>
          <h2 id="team-title">{words.team}</h2>
        </summary>
        {team.length === 0 && <p className="none">{words.noTeam}</p>}
        <ul className="team">
          {team.map((member) => (
            <li key={member.reference ?? member.name}>
              <strong>{member.name}</strong> {member.lead && <span className="badge">{words.lead}</span>}
              <span className="roles">{rolesText(member)}</span>
              <span className="source">{member.sources.map(sourceText).join('; ')}</span>
            </li>
          ))}
        </ul>
        {contributors.length > 0 && <p className="none">{words.contributors(contributors.join(', '))}</p>}
      </details>
    </section>
  );
}
