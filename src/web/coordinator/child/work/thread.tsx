import { type FormEvent, useId, useState } from 'react';
import type { Resource, r4 } from '../../../../fhir/types.ts';
import { dayText } from '../../../shared/dates.ts';
import type { Trouble } from '../../../shared/fhir-client.ts';
import { useDesk } from '../../desk.ts';
import { TroubleNote } from '../../states.tsx';
import { words, workWords } from '../../words.ts';
import type { Referral } from './read-work.ts';
import type { ReferralProps } from './referral-card.tsx';

/** What the parties of a referral have written to each other, and a line to write. */
export function Thread({ referral, names, writing }: ReferralProps) {
  const { me } = useDesk();
  const id = useId();
  const [trouble, setTrouble] = useState<Trouble>();
  const { messages, task } = referral;
  const others = partiesOf(referral, me);
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const text = String(new FormData(form).get('text') ?? '').trim();
    if (text === '') return;
    const resource = messageOf(task, me, others, text);
    const problem = await writing.create([{ method: 'POST', url: 'Communication', resource }], workWords.sent);
    setTrouble(problem);
    if (!problem) form.reset();
  }
  return (
    <details open={messages.length > 0}>
      <summary>{workWords.thread(messages.length)}</summary>
      <ul className="lines">
        {messages.map((message) => (
          <li key={message.id}>
            {(message.payload ?? [])
              .map(({ contentString }) => contentString)
              .filter(Boolean)
              .join(' ') || workWords.noWords}
            <span className="source">
              {names.get(message.sender?.reference ?? '') ?? message.sender?.display ?? workWords.somebody},{' '}
              {dayText(message.sent)}
            </span>
          </li>
        ))}
      </ul>
      <form className="form" onSubmit={submit}>
        <label htmlFor={id}>{workWords.write(others.map((one) => names.get(one) ?? workWords.party).join(', '))}</label>
        <textarea id={id} name="text" rows={2} required />
        {trouble && <TroubleNote trouble={trouble} />}
        <button type="submit" disabled={writing.isWriting}>
          {writing.isWriting ? words.writing : workWords.send}
        </button>
      </form>
    </details>
  );
}

function partiesOf({ task }: Referral, me: string): string[] {
  const named = [task.requester?.reference, task.owner?.reference].filter((one) => one !== undefined);
  return [...new Set(named)].filter((one) => one !== me);
}

function messageOf(task: r4.Task, me: string, recipients: readonly string[], text: string): Resource {
  const about = [{ reference: `Task/${task.id}` }];
  return {
    resourceType: 'Communication',
    status: 'completed',
    subject: task.for,
    about,
    partOf: about,
    sender: { reference: me },
    ...(recipients.length > 0 && { recipient: recipients.map((reference) => ({ reference })) }),
    sent: new Date().toISOString(),
    payload: [{ contentString: text }],
  };
}
