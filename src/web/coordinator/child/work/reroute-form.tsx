import { type FormEvent, useId, useState } from 'react';
import { ofType } from '../../../../fhir/of-type.ts';
import type { Trouble } from '../../../shared/fhir-client.ts';
import { parameter, parameters } from '../../../shared/parameters.ts';
import { useAnswer } from '../../../shared/use-answer.ts';
import { useDesk } from '../../desk.ts';
import { Reading, TroubleNote } from '../../states.tsx';
import { words, workWords } from '../../words.ts';
import type { ReferralProps } from './referral-card.tsx';

/** Asks somebody else for the same request. */
export function RerouteForm(props: ReferralProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{workWords.reroute}</summary>
      {isOpen && <Fields {...props} />}
    </details>
  );
}

function Fields({ referral: { task }, writing }: ReferralProps) {
  const { client } = useDesk();
  const id = useId();
  const organizations = useAnswer('organizations', () => client.all('Organization?_count=200&_sort=name'));
  const [trouble, setTrouble] = useState<Trouble>();
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const text = (name: string) => String(given.get(name) ?? '').trim();
    const resource = parameters(
      ...parameter('valueString', 'owner', text('owner')),
      ...parameter('valueString', 'reason', text('reason')),
    );
    setTrouble(await writing.write({ method: 'POST', url: `Task/${task.id}/$reroute`, resource }, workWords.rerouted));
  }
  if (organizations.isLoading) return <Reading />;
  if (organizations.trouble) return <TroubleNote trouble={organizations.trouble} retry={organizations.reload} />;
  return (
    <form className="form" onSubmit={submit}>
      <p>
        <label htmlFor={`${id}-owner`}>{workWords.whom}</label>
        <select id={`${id}-owner`} name="owner" required>
          <option value="">{workWords.choose}</option>
          {ofType(organizations.value ?? [], 'Organization').map((one) => (
            <option key={one.id} value={`Organization/${one.id}`}>
              {one.name ?? one.id}
            </option>
          ))}
        </select>
      </p>
      <p>
        <label htmlFor={`${id}-reason`}>{workWords.reasonIfAny}</label>
        <textarea id={`${id}-reason`} name="reason" rows={2} />
      </p>
      {trouble && <TroubleNote trouble={trouble} />}
      <button type="submit" disabled={writing.isWriting}>
        {writing.isWriting ? words.writing : workWords.ask}
      </button>
    </form>
  );
}
