import { useId, useState } from 'react';
import { parameter, parameters } from '../../shared/parameters.ts';
import { useFamily, useWords } from '../family.ts';
import { Saying, useWriting, WordsField } from '../writing.tsx';

const answers = ['agree', 'disagree', 'reject'] as const;
type Answer = (typeof answers)[number];

/** The reader's own answer to a goal (`$answer-goal`). `own`: what stands there already. */
export function AnswerGoal({ reference, own }: { reference: string; own: string | undefined }) {
  const { words } = useWords();
  const { tell } = useFamily();
  const [isOpen, setOpen] = useState(false);
  const [answer, setAnswer] = useState<Answer>();
  const [why, setWhy] = useState('');
  const writing = useWriting();
  const group = useId();
  const { goals } = words;
  const said = own === 'agree' ? goals.youAgree : own === 'disagree' ? goals.youDisagree : undefined;
  if (!isOpen) {
    return (
      <p className="actions">
        {said && <span>{goals.youSaid(said)}</span>}
        <button type="button" onClick={() => setOpen(true)}>
          {said ? goals.changeAnswer : goals.answer}
        </button>
      </p>
    );
  }
  const send = async () => {
    if (answer === undefined) return;
    const resource = parameters(
      ...parameter('valueCode', 'answer', answer),
      ...parameter('valueString', 'reason', why.trim()),
    );
    const arrived = await writing.send({ method: 'POST', url: `${reference}/$answer-goal`, resource }, () =>
      tell(answer === 'reject' ? goals.rejected : goals.answered),
    );
    if (arrived) setOpen(false);
  };
  return (
    <Saying writing={writing} send={goals.send} onSend={send} cancel={() => setOpen(false)}>
      <fieldset className="choices">
        <legend>{goals.answer}</legend>
        {answers.map((one) => (
          <label key={one} className="choice">
            <input type="radio" name={group} required checked={answer === one} onChange={() => setAnswer(one)} />{' '}
            <span>
              {goals[one]}
              {one === 'reject' && <span className="soft"> {goals.rejectHelp}</span>}
            </span>
          </label>
        ))}
      </fieldset>
      {answer && <WordsField label={goals.why} value={why} onChange={setWhy} isOptional={answer !== 'reject'} />}
    </Saying>
  );
}
