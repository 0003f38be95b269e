import { useState } from 'react';
import { parameter, parameters } from '../../shared/parameters.ts';
import { useFamily, useWords } from '../family.ts';
import { may } from '../may.ts';
import { Saying, useWriting, WordsField } from '../writing.tsx';

/** What can happen and what the family does then, in its own words (`$propose-scenario`). */
export function ProposeScenario() {
  const { words } = useWords();
  const { session, tell } = useFamily();
  const [isOpen, setOpen] = useState(false);
  const [kind, setKind] = useState('other');
  const [trigger, setTrigger] = useState('');
  const [actions, setActions] = useState('');
  const [more, setMore] = useState('');
  const writing = useWriting();
  if (!may(session, 'RequestGroup', 'c')) return null;
  if (!isOpen) {
    return (
      <p className="actions">
        <button type="button" onClick={() => setOpen(true)}>
          {words.emergency.newTitle}
        </button>
      </p>
    );
  }
  const send = async () => {
    const steps = actions
      .split('\n')
      .map((step) => step.trim())
      .filter((step) => step !== '');
    const resource = parameters(
      ...parameter('valueCode', 'kind', kind),
      ...parameter('valueString', 'trigger', trigger.trim()),
      ...parameter('valueString', 'words', more.trim()),
      ...steps.flatMap((step) => parameter('valueString', 'family-action', step)),
    );
    const request = { method: 'POST' as const, url: `Patient/${session.patientId}/$propose-scenario`, resource };
    if (!(await writing.send(request, () => tell(words.emergency.sent)))) return;
    setOpen(false);
    setTrigger('');
    setActions('');
    setMore('');
  };
  return (
    <section className="card family" aria-labelledby="new-scenario">
      <h2 id="new-scenario">{words.emergency.newTitle}</h2>
      <p>{words.emergency.newIntro}</p>
      <Saying writing={writing} send={words.emergency.send} onSend={send} cancel={() => setOpen(false)}>
        <label className="field">
          <span>{words.emergency.kind}</span>
          <select value={kind} onChange={(event) => setKind(event.target.value)}>
            {Object.entries(words.emergency.kinds).map(([code, text]) => (
              <option key={code} value={code}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <WordsField label={words.emergency.trigger} value={trigger} onChange={setTrigger} rows={2} />
        <WordsField label={words.emergency.actions} value={actions} onChange={setActions} rows={4} />
        <WordsField label={words.emergency.words} value={more} onChange={setMore} rows={2} isOptional />
      </Saying>
    </section>
  );
}
