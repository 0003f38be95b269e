import { useFamily, useWords } from '../family.ts';
import { FirstCall } from './first-call.tsx';
import { More } from './more.tsx';
import { SavePlan } from './save-plan.tsx';
import { Never, Steps } from './steps.tsx';
import { Team } from './team.tsx';
import { Waiting } from './waiting.tsx';

/** The plan in plain words: first what waits for the reader and whom to call, then what matters, what is done, and who helps. */
export function PlanPage() {
  return (
    <>
      <div className="columns">
        <Waiting />
        <FirstCall />
      </div>
      <Never />
      <Matters />
      <Steps />
      <Team />
      <More />
      <SavePlan />
    </>
  );
}

function Matters() {
  const { words, day } = useWords();
  const { view } = useFamily();
  return (
    <section className="card family" aria-labelledby="matters">
      <h2 id="matters">{words.plan.matters}</h2>
      {view.familyGoals.length === 0 && <p>{words.plan.noMatters}</p>}
      <ul className="lines">
        {view.familyGoals.map((goal) => (
          <li key={goal.reference}>
            <q className="own-words">{goal.text}</q>
            <p className="soft">
              {[goal.speaker && words.goals.saidBy(goal.speaker), goal.due && words.goals.due(day(goal.due))]
                .filter(Boolean)
                .join(', ')}
            </p>
          </li>
        ))}
      </ul>
      <p>
        <a href="#goals">{words.plan.sayOne}</a>
      </p>
    </section>
  );
}
