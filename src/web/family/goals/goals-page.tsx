import { useEffect, useState } from 'react';
import { ofType } from '../../../fhir/of-type.ts';
import type { GoalLine } from '../../../fhir/plan-view.ts';
import { type Parts, partsOf } from '../../shared/parameters.ts';
import { useFamily, useWords } from '../family.ts';
import { goalsOf } from '../plan/lines-of.ts';
import { GoalCard } from './goal-card.tsx';
import { NewGoal } from './new-goal.tsx';

/** Goals: the family's own first, each with who agrees and how far it has come. */
export function GoalsPage() {
  const { words } = useWords();
  const { view } = useFamily();
  const [all, setAll] = useState(false);
  const goals = goalsOf(view);
  const attainments = useAttainments();
  // A goal that was declined is not hidden: that it was, and why, is part of the plan.
  const isShown = (goal: GoalLine) => all || goal.open || goal.status === 'rejected';
  const hidden = goals.filter((goal) => !goal.open && goal.status !== 'rejected').length;
  const group = (fromFamily: boolean) =>
    goals
      .filter((goal) => goal.fromFamily === fromFamily && isShown(goal))
      .sort((a, b) => Number(b.open) - Number(a.open));
  return (
    <>
      <p>{words.goals.intro}</p>
      <section aria-labelledby="ours">
        <h2 id="ours">{words.goals.ours}</h2>
        {group(true).length === 0 && <p>{words.goals.noOurs}</p>}
        {group(true).map((goal) => (
          <GoalCard key={goal.reference} line={goal} attainment={attainments.get(goal.reference)} />
        ))}
      </section>
      <NewGoal />
      {group(false).length > 0 && (
        <section aria-labelledby="theirs">
          <h2 id="theirs">{words.goals.theirs}</h2>
          {group(false).map((goal) => (
            <GoalCard key={goal.reference} line={goal} attainment={attainments.get(goal.reference)} />
          ))}
        </section>
      )}
      {hidden > 0 && (
        <label className="toggle">
          <input type="checkbox" checked={all} onChange={(event) => setAll(event.target.checked)} />{' '}
          {words.goals.closed(hidden)}
        </label>
      )}
    </>
  );
}

/** How far each goal has come (`$attainment`), in one request; read anew with the plan. */
function useAttainments(): ReadonlyMap<string, Parts> {
  const { client, resources } = useFamily();
  const [found, setFound] = useState<ReadonlyMap<string, Parts>>(new Map());
  useEffect(() => {
    let current = true;
    const goals = ofType(resources, 'Goal').map(({ id }) => `Goal/${id}`);
    client.ask(goals.map((goal) => ({ method: 'GET' as const, url: `${goal}/$attainment` }))).then((answers) => {
      const read = answers.map(
        (answer, at) => [goals[at] ?? '', answer.ok ? partsOf(answer.value) : undefined] as const,
      );
      if (current) setFound(new Map(read.flatMap(([goal, parts]) => (parts ? [[goal, parts] as const] : []))));
    });
    return () => {
      current = false;
    };
  }, [client, resources]);
  return found;
}
