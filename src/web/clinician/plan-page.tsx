import { useEffect, useRef, useState } from 'react';
import { overdueText } from '../../fhir/plan-view/sections/at-a-glance.ts';
import type { GoalLine, PlanView } from '../../fhir/plan-view.ts';
import { dayText, timeText, today as todayOf } from '../shared/dates.ts';
import { countsText, words } from '../shared/words.ts';
import { Banner } from './banner.tsx';
import { GoalItem, HospitalPlanItem } from './lines.tsx';
import { ProblemSection, Strands } from './problem-section.tsx';
import { Team } from './team.tsx';

interface PlanPageProps {
  view: PlanView;
  /** Off when the EHR's own banner already shows whose chart this is. */
  banner: boolean;
  /** When the plan was read. */
  readAt: Date;
  /** Read on request, so that the reader's place is the heading. */
  again: boolean;
  ended: boolean;
  reload: () => void;
}

/** The shared plan by problem. */
export function PlanPage({ view, banner, readAt, again, ended, reload }: PlanPageProps) {
  const [all, setAll] = useState(false);
  const today = todayOf(readAt);
  const { unlinked } = view;
  const hasUnlinked = unlinked.goals.length + unlinked.actions.length + unlinked.referrals.length > 0;
  const lost = (problem: PlanView['problems'][number]) => problem.members.some(({ unavailable }) => unavailable);
  const problems = view.problems.filter((problem) => all || problem.active || lost(problem));
  const closed = view.problems.length - problems.length;
  return (
    <>
      <a className="skip" href="#problems">
        {words.skip}
      </a>
      <Banner child={view.child} onScreen={banner} />
      <main>
        <Head view={view} readAt={readAt} again={again} ended={ended} reload={reload} />
        {view.review.overdue && (
          <p className="overdue" role="alert">
            {overdueText(view.review)}
          </p>
        )}
        <FamilyGoals goals={view.familyGoals} today={today} />
        <section id="problems" aria-labelledby="problems-title" tabIndex={-1}>
          <div className="section-head">
            <h2 id="problems-title">{words.problems}</h2>
            <label className="toggle">
              <input type="checkbox" checked={all} onChange={(event) => setAll(event.target.checked)} />{' '}
              {words.showClosed}
            </label>
          </div>
          {problems.length === 0 && <p className="none">{words.noProblems}</p>}
          {problems.map((problem) => (
            <ProblemSection key={problem.key} problem={problem} all={all} today={today} />
          ))}
          {closed > 0 && <p className="none">{words.closedProblems(closed)}</p>}
          {hasUnlinked && (
            <section className="problem" aria-labelledby="unlinked-title">
              <h3 id="unlinked-title">{words.unlinked}</h3>
              <Strands {...unlinked} all={all} today={today} />
            </section>
          )}
        </section>
        <Team team={view.team} contributors={view.contributors} />
        {view.hospitalPlans.length > 0 && (
          <section className="panel" aria-labelledby="hospital-title">
            <h2 id="hospital-title">{words.hospitalPlans}</h2>
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

function Head({ view, readAt, again, ended, reload }: Omit<PlanPageProps, 'banner'>) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (again) heading.current?.focus();
  }, [again]);
  return (
    <header className="plan-head">
      <div>
        <h1 ref={heading} tabIndex={-1}>
          {view.title}
        </h1>
        <p className="counts">{countsText(view.counts)}</p>
      </div>
      <p className="as-of">
        {words.lastChange(dayText(view.asOf))}, {words.readAt(dayText(todayOf(readAt)), timeText(readAt))}{' '}
        {!ended && (
          <button type="button" className="plain" onClick={reload}>
            {words.readAgain}
          </button>
        )}
      </p>
      <p role="status" className={ended ? 'notice' : 'notice empty'}>
        {ended && words.sessionEnded}
      </p>
    </header>
  );
}

function FamilyGoals({ goals, today }: { goals: readonly GoalLine[]; today: string }) {
  return (
    <section className="family-goals" aria-labelledby="family-title">
      <h2 id="family-title">{words.familyTitle}</h2>
      {goals.length === 0 && <p className="none">{words.noFamilyGoals}</p>}
      {goals.length > 0 && (
        <ul className="lines">
          {goals.map((goal) => (
            <GoalItem key={goal.reference} goal={goal} today={today} brief />
          ))}
        </ul>
      )}
    </section>
  );
}
