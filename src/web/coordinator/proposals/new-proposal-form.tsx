import { type FormEvent, useId, useState } from 'react';
import type { Trouble } from '../../shared/fhir-client.ts';
import { useAnswer } from '../../shared/use-answer.ts';
import type { Child } from '../child/read-child.ts';
import { useDesk } from '../desk.ts';
import { Reading, TroubleNote } from '../states.tsx';
import type { Writing } from '../use-write.ts';
import { newProposalWords, words } from '../words.ts';
import { type Kind, kinds, type Named, proposalOf, readPlanChoices } from './new-proposal.ts';

interface NewProposalProps {
  child: Child;
  writing: Writing;
}

/** Proposes a change of the plan or of one of its lines, in one's own name or the family's. */
export function NewProposal(props: NewProposalProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="panel" open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{newProposalWords.title}</summary>
      {isOpen && <Fields {...props} close={() => setOpen(false)} />}
    </details>
  );
}

function Fields({ child, writing, close }: NewProposalProps & { close: () => void }) {
  const { client } = useDesk();
  const id = useId();
  const choices = useAnswer(child.planId ?? '', () => readPlanChoices(client, child));
  const [kind, setKind] = useState<Kind>('comment');
  const [trouble, setTrouble] = useState<Trouble>();
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const text = (name: string) => String(given.get(name) ?? '').trim();
    const resource = proposalOf({
      ...{ kind, target: text('target'), text: text('text'), reason: text('reason') },
      ...{ onBehalfOf: text('whose'), patientId: child.patient.id ?? '' },
    });
    const request = { method: 'POST' as const, url: `CarePlan/${child.planId}/$propose`, resource };
    const problem = await writing.write(request, newProposalWords.sent);
    setTrouble(problem);
    if (!problem) close();
  }
  if (choices.trouble) return <TroubleNote trouble={choices.trouble} retry={choices.reload} />;
  if (!choices.value) return <Reading />;
  return (
    <form className="form" onSubmit={submit} onInput={() => setTrouble(undefined)}>
      <p className="none">{newProposalWords.help}</p>
      <p>
        <label htmlFor={`${id}-kind`}>{newProposalWords.action}</label>
        <select
          id={`${id}-kind`}
          value={kind}
          onChange={({ target }) => setKind(kinds.find((one) => one === target.value) ?? 'comment')}
        >
          {kinds.map((one) => (
            <option key={one} value={one}>
              {newProposalWords.actions[one]}
            </option>
          ))}
        </select>
      </p>
      {(kind === 'comment' || kind === 'remove') && (
        <Line lines={choices.value.lines} mayBeWhole={kind === 'comment'} />
      )}
      {(kind === 'goal' || kind === 'request') && (
        <p>
          <label htmlFor={`${id}-text`}>{newProposalWords.text}</label>
          <input id={`${id}-text`} name="text" required autoComplete="off" maxLength={500} />
        </p>
      )}
      <p>
        <label htmlFor={`${id}-reason`}>{newProposalWords.reason}</label>
        <textarea id={`${id}-reason`} name="reason" rows={2} required />
      </p>
      <p>
        <label htmlFor={`${id}-whose`}>{newProposalWords.whose}</label>
        <select id={`${id}-whose`} name="whose">
          <option value="">{newProposalWords.mine}</option>
          <Options named={choices.value.family} />
        </select>
      </p>
      {trouble && <TroubleNote trouble={trouble} />}
      <p className="actions">
        <button type="submit" className="main-action" disabled={writing.isWriting}>
          {writing.isWriting ? words.writing : newProposalWords.send}
        </button>
      </p>
    </form>
  );
}

function Line({ lines, mayBeWhole }: { lines: readonly Named[]; mayBeWhole: boolean }) {
  const id = useId();
  const typeOf = ({ reference }: Named) => reference.split('/')[0];
  const groups = [
    { label: newProposalWords.lines.Goal, named: lines.filter((one) => typeOf(one) === 'Goal') },
    { label: newProposalWords.lines.Condition, named: lines.filter((one) => typeOf(one) === 'Condition') },
    {
      label: newProposalWords.lines.other,
      named: lines.filter((one) => !['Goal', 'Condition'].includes(typeOf(one) ?? '')),
    },
  ].filter(({ named }) => named.length > 0);
  return (
    <p>
      <label htmlFor={id}>{newProposalWords.target}</label>
      <select id={id} name="target" required={!mayBeWhole}>
        <option value="">{mayBeWhole ? newProposalWords.wholePlan : newProposalWords.choose}</option>
        {groups.map(({ label, named }) => (
          <optgroup key={label} label={label}>
            <Options named={named} />
          </optgroup>
        ))}
      </select>
    </p>
  );
}

function Options({ named }: { named: readonly Named[] }) {
  return named.map(({ reference, text }) => (
    <option key={reference} value={reference}>
      {text}
    </option>
  ));
}
