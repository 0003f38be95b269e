import { useState } from 'react';
import { parameter, parameters } from '../../shared/parameters.ts';
import { useFamily, useWords } from '../family.ts';
import { may } from '../may.ts';
import { sentenceOfSent } from '../wishes/sent.ts';
import { Saying, useWriting, WordsField } from '../writing.tsx';

/** A goal in the family's own words, asked for by `$propose`: it is in the plan when the team has taken it up. */
export function NewGoal() {
  const { words, language, day } = useWords();
  const { me, session, planId, resources, tell } = useFamily();
  const [isOpen, setOpen] = useState(false);
  const [goal, setGoal] = useState('');
  const [why, setWhy] = useState('');
  const writing = useWriting();
  if (me === undefined || !may(session, 'Task', 'c')) return null;
  if (!isOpen) {
    return (
      <p className="actions">
        <button type="button" className="main" onClick={() => setOpen(true)}>
          {words.goals.newTitle}
        </button>
      </p>
    );
  }
  const send = async () => {
    const resource = {
      resourceType: 'Goal',
      language,
      lifecycleStatus: 'proposed',
      description: { text: goal.trim() },
      subject: { reference: `Patient/${session.patientId}` },
      expressedBy: { reference: me },
    };
    const asked = parameters(
      ...parameter('valueCode', 'action', 'add'),
      ...parameter('valueString', 'reason', why.trim()),
      { name: 'proposed', resource: resource as never },
    );
    const arrived = await writing.send(
      { method: 'POST', url: `CarePlan/${planId}/$propose`, resource: asked },
      (answer) => tell(words.goals.proposed, sentenceOfSent(answer, resources, words, day)),
    );
    if (!arrived) return;
    setOpen(false);
    setGoal('');
    setWhy('');
  };
  const isTeen = me.startsWith('Patient/');
  return (
    <section className="card family" aria-labelledby="new-goal">
      <h2 id="new-goal">{words.goals.newTitle}</h2>
      <Saying writing={writing} send={words.goals.newSend} onSend={send} cancel={() => setOpen(false)}>
        <WordsField label={isTeen ? words.goals.newWordsTeen : words.goals.newWords} value={goal} onChange={setGoal} />
        <WordsField label={words.goals.newWhy} value={why} onChange={setWhy} />
      </Saying>
    </section>
  );
}
