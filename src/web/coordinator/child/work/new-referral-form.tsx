import { type FormEvent, useId, useState } from 'react';
import { today } from '../../../shared/dates.ts';
import type { Trouble } from '../../../shared/fhir-client.ts';
import { newUuid } from '../../../shared/new-uuid.ts';
import { useAnswer } from '../../../shared/use-answer.ts';
import { useDesk } from '../../desk.ts';
import { Reading, TroubleNote } from '../../states.tsx';
import type { Writing } from '../../use-write.ts';
import { newReferralWords, words, workWords } from '../../words.ts';
import { type Choice, type Choices, readChoices, referralOf } from './new-referral.ts';

interface NewReferralProps {
  patientId: string;
  writing: Writing;
}

/** Asks a service or an organization for something; closed again when it is sent. */
export function NewReferral(props: NewReferralProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="panel" open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{newReferralWords.title}</summary>
      {isOpen && <Fields {...props} close={() => setOpen(false)} />}
    </details>
  );
}

function Fields({ patientId, writing, close }: NewReferralProps & { close: () => void }) {
  const { client, me } = useDesk();
  const choices = useAnswer(patientId, () => readChoices(client, patientId));
  const [trouble, setTrouble] = useState<Trouble>();
  // The same as long as nothing else is typed: sent once more after an answer that was lost, it stays one referral.
  const [key, setKey] = useState(newUuid);
  function onInput() {
    setTrouble(undefined);
    setKey(newUuid());
  }
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const text = (name: string) => String(given.get(name) ?? '').trim();
    const wanted = {
      ...{ patientId, me, service: text('service'), owner: text('owner'), priority: text('priority') },
      ...{ due: text('due'), consent: text('consent'), isTold: given.has('told') },
      reason: choices.value?.reasons.find(({ reference }) => reference === text('reason')),
    };
    const problem = await writing.create(referralOf(wanted, new Date(), key), newReferralWords.sent);
    setTrouble(problem);
    if (!problem) close();
  }
  if (choices.trouble) return <TroubleNote trouble={choices.trouble} retry={choices.reload} />;
  if (!choices.value) return <Reading />;
  return (
    <form className="form" onSubmit={submit} onInput={onInput}>
      <WhatFor choices={choices.value} />
      <HowSoon />
      <Family />
      {trouble && <TroubleNote trouble={trouble} />}
      <p className="actions">
        <button type="submit" className="main-action" disabled={writing.isWriting}>
          {writing.isWriting ? words.writing : newReferralWords.send}
        </button>
      </p>
    </form>
  );
}

function WhatFor({ choices }: { choices: Choices }) {
  const id = useId();
  return (
    <>
      <p>
        <label htmlFor={`${id}-service`}>{newReferralWords.service}</label>
        <input id={`${id}-service`} name="service" required autoComplete="off" maxLength={500} />
      </p>
      <p>
        <label htmlFor={`${id}-reason`}>{newReferralWords.reason}</label>
        <select id={`${id}-reason`} name="reason">
          <option value="">{newReferralWords.noReason}</option>
          <Group label={newReferralWords.needs} choices={choices.reasons.filter(({ isNeed }) => isNeed)} />
          <Group label={newReferralWords.problems} choices={choices.reasons.filter(({ isNeed }) => !isNeed)} />
        </select>
      </p>
      <p>
        <label htmlFor={`${id}-owner`}>{newReferralWords.owner}</label>
        <select id={`${id}-owner`} name="owner" required>
          <option value="">{workWords.choose}</option>
          <Group label={newReferralWords.services} choices={choices.services} />
          <Group label={newReferralWords.organizations} choices={choices.organizations} />
        </select>
      </p>
    </>
  );
}

function Group({ label, choices }: { label: string; choices: readonly Choice[] }) {
  if (choices.length === 0) return null;
  return (
    <optgroup label={label}>
      {choices.map(({ reference, text }) => (
        <option key={reference} value={reference}>
          {text}
        </option>
      ))}
    </optgroup>
  );
}

function HowSoon() {
  const id = useId();
  return (
    <div className="grid">
      <p>
        <label htmlFor={`${id}-due`}>{newReferralWords.due}</label>
        <input id={`${id}-due`} name="due" type="date" min={today(new Date())} />
      </p>
      <p>
        <label htmlFor={`${id}-priority`}>{newReferralWords.priority}</label>
        <select id={`${id}-priority`} name="priority" defaultValue="routine">
          {Object.entries(newReferralWords.priorities).map(([code, text]) => (
            <option key={code} value={code}>
              {text}
            </option>
          ))}
        </select>
      </p>
    </div>
  );
}

function Family() {
  const id = useId();
  return (
    <>
      <p>
        <label htmlFor={`${id}-consent`}>{newReferralWords.consent}</label>
        <textarea id={`${id}-consent`} name="consent" rows={2} aria-describedby={`${id}-hint`} />
      </p>
      <p className="hint" id={`${id}-hint`}>
        {newReferralWords.consentHint}
      </p>
      <label className="toggle">
        <input type="checkbox" name="told" defaultChecked /> {newReferralWords.told}
      </label>
    </>
  );
}
