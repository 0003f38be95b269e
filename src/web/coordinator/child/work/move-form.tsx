import { type FormEvent, useId, useState } from 'react';
import type { Resource, r4 } from '../../../../fhir/types.ts';
import type { Trouble } from '../../../shared/fhir-client.ts';
import { useDesk } from '../../desk.ts';
import { TroubleNote } from '../../states.tsx';
import { stateText, words, workWords } from '../../words.ts';
import { withNote } from './note.ts';
import type { Move, Referral } from './read-work.ts';
import type { ReferralProps } from './referral-card.tsx';

/** The next move, out of those that the server says are this person's. */
export function MoveForm({ referral, writing }: ReferralProps) {
  const { me } = useDesk();
  const id = useId();
  const [to, setTo] = useState('');
  const [trouble, setTrouble] = useState<Trouble>();
  const move = referral.moves.find((one) => one.to === to);
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!move) return;
    const given = new FormData(event.currentTarget);
    const text = (name: string) => String(given.get(name) ?? '').trim();
    const resource = moved(referral, move, { reason: text('reason'), note: text('note'), day: text('day'), me });
    const { id: taskId, meta } = referral.task;
    const request = { method: 'PUT' as const, url: `Task/${taskId}`, resource, ifVersion: meta?.versionId };
    setTrouble(await writing.write(request, workWords.moved(stateText(move.to))));
  }
  return (
    <form className="form" onSubmit={submit}>
      <p>
        <label htmlFor={`${id}-to`}>{workWords.next}</label>
        <select id={`${id}-to`} value={to} onChange={({ target }) => setTo(target.value)}>
          <option value="">{workWords.choose}</option>
          {referral.moves.map((one) => (
            <option key={one.to} value={one.to}>
              {stateText(one.to)}
            </option>
          ))}
        </select>
      </p>
      {move && (
        <>
          {move.to === 'scheduled' && (
            <p>
              <label htmlFor={`${id}-day`}>{workWords.day}</label>
              <input id={`${id}-day`} name="day" type="date" />
            </p>
          )}
          <p>
            <label htmlFor={`${id}-reason`}>{move.needsReason ? workWords.reason : workWords.reasonIfAny}</label>
            <textarea id={`${id}-reason`} name="reason" rows={2} required={move.needsReason} />
          </p>
          <p>
            <label htmlFor={`${id}-note`}>{workWords.note}</label>
            <textarea id={`${id}-note`} name="note" rows={2} />
          </p>
          {trouble && <TroubleNote trouble={trouble} />}
          <button type="submit" className="main-action" disabled={writing.isWriting}>
            {writing.isWriting ? words.writing : workWords.record}
          </button>
        </>
      )}
    </form>
  );
}

/** The Task as it is afterwards: a reason belongs to one status and does not outlive it. */
function moved(
  { task }: Referral,
  move: Move,
  said: { reason: string; note: string; day: string; me: string },
): Resource {
  const { businessStatus: _was, statusReason: _reason, ...rest } = task;
  const after: r4.Task & Resource = { ...rest, status: move.status };
  if (move.businessStatus) after.businessStatus = move.businessStatus;
  if (said.reason !== '') after.statusReason = { text: said.reason };
  if (said.note !== '') after.note = withNote(task.note, said.note, said.me);
  if (said.day !== '') after.executionPeriod = { ...task.executionPeriod, start: said.day };
  return after;
}
