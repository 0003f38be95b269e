import { useState } from 'react';
import { parameter, parameters } from '../../shared/parameters.ts';
import { useFamily, useWords } from '../family.ts';
import { may } from '../may.ts';
import { actionsOf, goalsOf, referralsOf } from '../plan/lines-of.ts';
import { Saying, useWriting, WordsField } from '../writing.tsx';
import { sentenceOfSent } from './sent.ts';

/** A wish about the plan or one line of it, in plain words (`$propose`, action comment): the team makes of it what is to be changed. */
export function NewWish() {
  const { words, day } = useWords();
  const { me, session, planId, view, resources, tell } = useFamily();
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState('');
  const [about, setAbout] = useState('');
  const writing = useWriting();
  if (me === undefined || !may(session, 'Task', 'c')) return null;
  if (!isOpen) {
    return (
      <p className="actions">
        <button type="button" className="main" onClick={() => setOpen(true)}>
          {words.wishes.newTitle}
        </button>
      </p>
    );
  }
  const lines = [...goalsOf(view), ...actionsOf(view), ...referralsOf(view)].filter((line) => line.open);
  const send = async () => {
    const resource = parameters(
      ...parameter('valueCode', 'action', 'comment'),
      ...parameter('valueReference', 'target', about),
      ...parameter('valueString', 'reason', text.trim()),
    );
    const request = { method: 'POST' as const, url: `CarePlan/${planId}/$propose`, resource };
    const arrived = await writing.send(request, (answer) =>
      tell(words.wishes.sent, sentenceOfSent(answer, resources, words, day)),
    );
    if (!arrived) return;
    setOpen(false);
    setText('');
  };
  return (
    <section className="card family" aria-labelledby="new-wish">
      <h2 id="new-wish">{words.wishes.newTitle}</h2>
      <Saying writing={writing} send={words.wishes.send} onSend={send} cancel={() => setOpen(false)}>
        <WordsField label={words.wishes.newWords} value={text} onChange={setText} />
        <label className="field">
          <span>{words.wishes.about}</span>
          <select value={about} onChange={(event) => setAbout(event.target.value)}>
            <option value="">{words.wishes.aboutPlan}</option>
            {lines.map((line) => (
              <option key={line.reference} value={line.reference}>
                {line.text}
              </option>
            ))}
          </select>
        </label>
      </Saying>
    </section>
  );
}
