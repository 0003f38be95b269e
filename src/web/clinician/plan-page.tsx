import { useState } from 'react';
import type { GoalLine, PlanView, TeamMember } from '../../fhir/plan-view.ts';
import { dayText } from '../shared/dates.ts';
import { countsText } from '../shared/words.ts';
import { GoalItem, HospitalPlanItem } from './lines.tsx';
import { ProblemSection, Strands } from './problem-section.tsx';

/** The shared plan by problem. `banner` is off when the EHR's own banner already shows whose chart this is. */
export function PlanPage({ view, banner, reload }: { view: PlanView; banner: boolean; reload: () => void }) {
  const [all, setAll] = useState(false);
  const { unlinked } = view;
  const hasUnlinked = unlinked.goals.length + unlinked.actions.length + unlinked.referrals.length > 0;
  const problems = view.problems.filter((problem) => all || problem.active);
  return (
    <>
      <a className="skip" href="#problems">
        Skip to the problems
      </a>
      {banner && <Banner child={view.child} />}
      <main>
        <header className="plan-head">
          <h1>{view.title}</h1>
          <p className="counts">{countsText(view.counts)}</p>
          <p className="as-of">
            {view.asOf ? `As of ${dayText(view.asOf)}` : 'No dates recorded'}{' '}
            <button type="button" className="plain" onClick={reload}>
              Read again
            </button>
          </p>
        </header>
        <FamilyGoals goals={view.familyGoals} />
        <section id="problems" aria-labelledby="problems-title" tabIndex={-1}>
          <div className="section-head">
            <h2 id="problems-title">Problems</h2>
            <label className="toggle">
              <input type="checkbox" checked={all} onChange={(event) => setAll(event.target.checked)} /> Show closed as
              well
            </label>
          </div>
          {problems.length === 0 && <p className="none">No active problem is in the plan.</p>}
          {problems.map((problem) => (
            <ProblemSection key={problem.key} problem={problem} all={all} />
          ))}
          {hasUnlinked && (
            <section className="problem" aria-labelledby="unlinked-title">
              <h3 id="unlinked-title">Not linked to a problem</h3>
              <Strands {...unlinked} all={all} />
            </section>
          )}
        </section>
        <Team team={view.team} />
        {view.hospitalPlans.length > 0 && (
          <section aria-labelledby="hospital-title">
            <h2 id="hospital-title">Care plans of hospitals and practices</h2>
            <ul className="lines">
              {view.hospitalPlans.map((plan) => (
                <HospitalPlanItem key={plan.reference} plan={plan} />
              ))}
            </ul>
          </section>
        )}
      </main>
    </>
  );
}

function Banner({ child }: { child: PlanView['child'] }) {
  const parts = [
    child.age ?? 'age not known',
    child.birthDate ? `born ${dayText(child.birthDate)}` : undefined,
    child.sex,
  ];
  return (
    <section className="banner" aria-label="Child">
      <strong>{child.name}</strong> <span>{parts.filter(Boolean).join(' · ')}</span>
    </section>
  );
}

function FamilyGoals({ goals }: { goals: readonly GoalLine[] }) {
  return (
    <section className="family-goals" aria-labelledby="family-title">
      <h2 id="family-title">What matters to this family</h2>
      {goals.length === 0 && <p className="none">The family’s own goals have not been written down yet.</p>}
      <ul className="lines">
        {goals.map((goal) => (
          <GoalItem key={goal.reference} goal={goal} />
        ))}
      </ul>
    </section>
  );
}

function Team({ team }: { team: readonly TeamMember[] }) {
  return (
    <section aria-labelledby="team-title">
      <h2 id="team-title">Care team</h2>
      {team.length === 0 && <p className="none">Nobody is on the care team yet.</p>}
      <ul className="team">
        {team.map((member) => (
          <li key={member.reference ?? member.name}>
            <strong>{member.name}</strong>
            {member.lead && <span className="badge">Lead coordinator</span>}
            <span className="roles">{member.roles.join(', ')}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
