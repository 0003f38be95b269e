import { type FormEvent, type ReactNode, useState } from 'react';
import type { Resource } from '../../fhir/types.ts';
import type { Ask, Trouble } from '../shared/fhir-client.ts';
import { useFamily, useWords } from './family.ts';
import { familyApp } from './family-app.ts';

/** One thing that is said to the server: whether it is on its way, and what went wrong. What came of it is told by `then`. */
export interface Writing {
  isSending: boolean;
  trouble: Trouble | undefined;
  /** Sends, and reads everything anew when it arrived; answers whether it did. */
  send: (request: Ask, then: (answer: Resource | undefined) => void) => Promise<boolean>;
}

export function useWriting(): Writing {
  const { client, reload } = useFamily();
  const [isSending, setSending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  const send: Writing['send'] = async (request, then) => {
    if (isSending) return false;
    setSending(true);
    setTrouble(undefined);
    const [answer] = await client.ask([request]);
    if (answer?.ok) {
      then(answer.value);
      await reload();
    } else setTrouble(answer?.trouble ?? { kind: 'unreachable', sentence: '' });
    setSending(false);
    return answer?.ok === true;
  };
  return { isSending, trouble, send };
}

interface SayingProps {
  writing: Writing;
  /** The words on the button. */
  send: string;
  onSend: () => void;
  cancel?: () => void;
  children: ReactNode;
}

/** A form whose words are kept until they have arrived. */
export function Saying({ writing, send, onSend, cancel, children }: SayingProps) {
  const { words } = useWords();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSend();
  };
  return (
    <form className="saying" onSubmit={submit}>
      {children}
      {writing.trouble && <TroubleNote trouble={writing.trouble} />}
      <p className="actions">
        <button type="submit" className="main" disabled={writing.isSending}>
          {writing.isSending ? words.sending : send}
        </button>
        {cancel && (
          <button type="button" className="plain" onClick={cancel}>
            {words.cancel}
          </button>
        )}
      </p>
    </form>
  );
}

/** What went wrong, what to do next, and the server's own sentence. */
export function TroubleNote({ trouble }: { trouble: Trouble }) {
  const { words } = useWords();
  return (
    <div role="alert" className="trouble">
      <p>{words.trouble[trouble.kind]}</p>
      {trouble.kind === 'expired' && <a href={`${familyApp.home}/launch`}>{words.trouble.signInAgain}</a>}
      {trouble.kind !== 'expired' && trouble.sentence && (
        <p className="soft">
          {words.trouble.serverSays} <span lang="en">{trouble.sentence}</span>
        </p>
      )}
    </div>
  );
}

interface WordsFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  rows?: number;
  isOptional?: boolean;
  help?: string;
}

/** Room for somebody's own words. */
export function WordsField({ label, value, onChange, rows = 3, isOptional, help }: WordsFieldProps) {
  const { words } = useWords();
  return (
    <label className="field">
      <span>
        {label} {isOptional && <em className="soft">({words.optional})</em>}
      </span>
      {help && <span className="soft">{help}</span>}
      <textarea rows={rows} value={value} required={!isOptional} onChange={(event) => onChange(event.target.value)} />
    </label>
  );
}
