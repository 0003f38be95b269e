import { type FormEvent, useId, useState } from 'react';
import { dayText } from '../../shared/dates.ts';
import type { Trouble } from '../../shared/fhir-client.ts';
import type { Names } from '../../shared/names.ts';
import { parameter, parameters } from '../../shared/parameters.ts';
import { useDesk } from '../desk.ts';
import { TroubleNote } from '../states.tsx';
import type { Writing } from '../use-write.ts';
import { proposalWords, words } from '../words.ts';
import type { Proposal } from './read-proposals.ts';

interface ProposalProps {
  proposal: Proposal;
  names: Names;
  writing: Writing;
  /** Whose proposal it is, where that is not plain already. */
  withChild?: boolean;
}

/** What somebody wishes, in their words, what others think of it, and an answer. */
export function ProposalCard({ proposal, names, writing, withChild }: ProposalProps) {
  const { openChild } = useDesk();
  const id = useId();
  const Heading = withChild ? 'h2' : 'h3';
  const { task, action, child, requester, target, proposed, seen, reason } = proposal;
  const who = names.get(requester ?? '') ?? task.requester?.display ?? proposalWords.somebody;
  const line = target?.startsWith('CarePlan/') ? proposalWords.wholePlan : names.get(target ?? '');
  return (
    <article className="panel" aria-labelledby={id}>
      <Heading id={id}>{proposalWords.line(who, proposalWords.actions[action] ?? action)}</Heading>
      {withChild && (
        <p>
          <button type="button" className="link" onClick={() => openChild(child.split('/')[1] ?? '')}>
            {names.get(child) ?? proposalWords.child}
          </button>
        </p>
      )}
      <ul className="sides">
        {line !== undefined && !(action === 'add') && (
          <Side label={seen === undefined ? proposalWords.about : proposalWords.before} text={seen ?? line} />
        )}
        {proposed !== undefined && (
          <Side label={action === 'change' ? proposalWords.wanted : proposalWords.wish} text={proposed} />
        )}
      </ul>
      {reason !== undefined && (
        <p>
          <q>{reason}</q>
        </p>
      )}
      <p className="source">{dayText(task.authoredOn)}</p>
      {(task.note ?? []).length > 0 && (
        <>
          <p className="none">{proposalWords.opinions}</p>
          <ul className="lines">
            {(task.note ?? []).map(({ text, authorReference, time }) => (
              <li key={`${time} ${text}`}>
                {text}
                <span className="source">
                  {names.get(authorReference?.reference ?? '') ?? authorReference?.display ?? proposalWords.somebody},{' '}
                  {dayText(time)}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      <AnswerForm proposal={proposal} writing={writing} />
    </article>
  );
}

function Side({ label, text }: { label: string; text: string }) {
  return (
    <li>
      <span className="source">{label}</span>
      <span className="side-text">{text}</span>
    </li>
  );
}

/** Whoever asked takes back; everybody else answers. */
function AnswerForm({ proposal: { task, requester }, writing }: Pick<ProposalProps, 'proposal' | 'writing'>) {
  const { me } = useDesk();
  const id = useId();
  const [answer, setAnswer] = useState('');
  const [trouble, setTrouble] = useState<Trouble>();
  const offered = requester === me ? ['withdraw'] : ['accept', 'reject', 'opinion'];
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get('reason') ?? '').trim();
    const resource = parameters(
      ...parameter('valueCode', 'answer', answer),
      ...parameter('valueString', 'reason', reason),
    );
    const request = { method: 'POST' as const, url: `Task/${task.id}/$answer-proposal`, resource };
    setTrouble(await writing.write(request, proposalWords.answered[answer] ?? answer));
  }
  return (
    <form className="form" onSubmit={submit}>
      <fieldset className="choices">
        <legend>{proposalWords.answer}</legend>
        {offered.map((one) => (
          <label key={one} className="toggle">
            <input type="radio" name="answer" value={one} checked={answer === one} onChange={() => setAnswer(one)} />{' '}
            {proposalWords.answers[one]}
          </label>
        ))}
      </fieldset>
      {answer !== '' && (
        <>
          <label htmlFor={id}>{proposalWords.reason}</label>
          <textarea id={id} name="reason" rows={2} />
          {trouble && <TroubleNote trouble={trouble} />}
          <button type="submit" className="main-action" disabled={writing.isWriting}>
            {writing.isWriting ? words.writing : proposalWords.record}
          </button>
        </>
      )}
    </form>
  );
}
