import { isOverdue } from '../../../fhir/plan-view/review.ts';
import { useFamily, useWords } from '../family.ts';
import { actionsOf, isLate, referralsOf } from './lines-of.ts';
import { type Waiting as OneWaiting, waitsFor } from './waits-for.ts';

/** What waits for the reader, and what is past its day, whoever is to do it. */
export function Waiting() {
  const { words, day } = useWords();
  const { me, resources, view, today } = useFamily();
  const waiting = waitsFor(me, resources);
  const late = [...actionsOf(view), ...referralsOf(view)].filter((line) => isLate(line, today));
  const { due } = view.review;
  const text = ({ kind, text }: OneWaiting) =>
    ({
      goal: words.waiting.answerGoal,
      wish: words.waiting.answerWish,
      task: words.waiting.task,
      form: words.waiting.form,
    })[kind](text);
  return (
    <section className="card" aria-labelledby="waiting">
      <h2 id="waiting">{words.waiting.title}</h2>
      {waiting.length === 0 && <p>{words.waiting.nothing}</p>}
      <ul className="lines">
        {waiting.map((one) => (
          <li key={one.reference}>
            {text(one)} {one.due && <span className="soft">{words.plan.due(day(one.due))}</span>}{' '}
            {one.page && <a href={`#${one.page}`}>{words.waiting.show}</a>}
          </li>
        ))}
      </ul>
      {(late.length > 0 || isOverdue(due, today)) && <h3 className="late">{words.waiting.overdue}</h3>}
      <ul className="lines">
        {due && isOverdue(due, today) && <li>{words.waiting.reviewDue(day(due))}</li>}
        {late.map((line) => (
          <li key={line.reference}>
            {line.text} <span className="late">{words.waiting.wasDue(day(line.due))}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
