import { isOverdue } from '../../../fhir/plan-view/review.ts';
import { useFamily, useWords } from '../family.ts';
import { may } from '../may.ts';
import { TroubleNote, useWriting } from '../writing.tsx';
import { actionsOf, isLate, referralsOf } from './lines-of.ts';
import { type Waiting as OneWaiting, waitsFor } from './waits-for.ts';

/** What waits for the reader, and what is past its day, whoever is to do it. */
export function Waiting() {
  const { words, day } = useWords();
  const { me, resources, view, today } = useFamily();
  const waiting = waitsFor(me, resources);
  const late = [...actionsOf(view), ...referralsOf(view)]
    .filter((line) => isLate(line, today))
    .filter(({ reference }) => !waiting.some((one) => one.reference === reference));
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
            {text(one)} {one.due && <Due due={one.due} />}{' '}
            {one.page && <a href={`#${one.page}`}>{words.waiting.show}</a>}
            {one.kind === 'task' && <Done reference={one.reference} />}
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

function Due({ due }: { due: string }) {
  const { words, day } = useWords();
  const { today } = useFamily();
  if (isLate({ due, open: true }, today)) return <strong className="late">{words.waiting.wasDue(day(due))}</strong>;
  return <span className="soft">{words.plan.due(day(due))}</span>;
}

/** The reader says that something of theirs is done: the Task as it was told, completed, if nobody changed it in between. */
function Done({ reference }: { reference: string }) {
  const { words } = useWords();
  const { resources, session, tell } = useFamily();
  const writing = useWriting();
  const task = resources.find(({ resourceType, id }) => `${resourceType}/${id}` === reference);
  if (!task || !may(session, 'Task', 'u')) return null;
  const request = {
    method: 'PUT' as const,
    url: reference,
    resource: { ...task, status: 'completed' },
    ...(task.meta?.versionId !== undefined && { ifVersion: task.meta.versionId }),
  };
  return (
    <>
      <p className="actions">
        <button
          type="button"
          disabled={writing.isSending}
          onClick={() => writing.send(request, () => tell(words.waiting.doneTold))}
        >
          {writing.isSending ? words.sending : words.waiting.done}
        </button>
      </p>
      {writing.trouble && <TroubleNote trouble={writing.trouble} />}
    </>
  );
}
