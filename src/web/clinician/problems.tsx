import type { ReactNode } from 'react';
import type { PlanView } from '../../fhir/plan-view.ts';
import { words } from '../shared/words.ts';
import { ProblemSection, Strands } from './problem-section.tsx';

interface ProblemsProps {
  view: PlanView;
  all: boolean;
  today: string;
  /** Stands beside the heading. */
  children: ReactNode;
}

/** Problem by problem, with goals, actions and referrals; last what names no problem. */
export function Problems({ view, all, today, children }: ProblemsProps) {
  const { unlinked } = view;
  const hasUnlinked = unlinked.goals.length + unlinked.actions.length + unlinked.referrals.length > 0;
  const lost = (problem: PlanView['problems'][number]) => problem.members.some(({ unavailable }) => unavailable);
  const problems = view.problems.filter((problem) => all || problem.active || lost(problem));
  const closed = view.problems.length - problems.length;
  return (
    <section id="problems" aria-labelledby="problems-title" tabIndex={-1}>
      <div className="section-head">
        <h2 id="problems-title">{words.problems}</h2>
        {children}
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
  );
}
