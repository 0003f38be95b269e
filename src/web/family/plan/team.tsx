import { rolesText } from '../../shared/words.ts';
import { useFamily, useWords } from '../family.ts';

/** Who helps, the coordinator first. */
export function Team() {
  const { words } = useWords();
  const { view } = useFamily();
  return (
    <section className="card" aria-labelledby="team">
      <h2 id="team">{words.plan.team}</h2>
      {view.team.length === 0 && <p>{words.plan.noTeam}</p>}
      <ul className="team">
        {view.team.map((member) => (
          <li key={member.reference ?? member.name}>
            <strong>{member.name}</strong> {member.lead && <span className="badge">{words.plan.lead}</span>}
            <p className="soft">{rolesText(member)}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
