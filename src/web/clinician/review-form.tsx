import { type FormEvent, useEffect, useRef, useState } from 'react';
import { page } from './page-words.ts';
import type { Person, ReviewInput, Signing } from './signing.ts';

interface ReviewFormProps {
  signing: Signing;
  busy: boolean;
  submit: (input: ReviewInput) => void;
  cancel: () => void;
}

/** What is recorded of a review. Nobody but the reader is taken to have agreed: who else did, is said. */
export function ReviewForm({ signing: { me, family, task }, busy, submit, cancel }: ReviewFormProps) {
  const [agreed, setAgreed] = useState<readonly string[]>(me ? [me.reference] : []);
  const [copyTo, setCopyTo] = useState<readonly string[]>([]);
  const [problem, setProblem] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (agreed.length === 0) return setProblem(true);
    const given = new FormData(event.currentTarget);
    const text = (name: string) => String(given.get(name) ?? '');
    return submit({ agreed: [...agreed], copyTo: [...copyTo], next: text('next'), note: text('note') });
  };
  const people = me ? [{ ...me, name: page.me(me.name) }, ...family] : family;
  return (
    <form ref={form} className="review-form" onSubmit={send} aria-label={page.review}>
      <Choice legend={page.agreedBy} people={people} chosen={agreed} choose={setAgreed} />
      {problem && agreed.length === 0 && (
        <p className="late" role="alert">
          {page.nobodyAgreed}
        </p>
      )}
      {family.length > 0 && <Choice legend={page.copyFor} people={family} chosen={copyTo} choose={setCopyTo} />}
      <label className="field">
        {page.next}
        <input type="date" name="next" aria-describedby="next-hint" />
        <span id="next-hint" className="source">
          {page.nextHint}
        </span>
      </label>
      <label className="field">
        {page.note}
        <textarea name="note" rows={2} maxLength={2000} />
      </label>
      <p className="buttons">
        <button type="submit" className="main" disabled={busy}>
          {busy ? page.recording : task ? page.recordAndSign : page.record}
        </button>
        <button type="button" onClick={cancel} disabled={busy}>
          {page.cancel}
        </button>
      </p>
    </form>
  );
}

interface ChoiceProps {
  legend: string;
  people: readonly Person[];
  chosen: readonly string[];
  choose: (references: readonly string[]) => void;
}

function Choice({ legend, people, chosen, choose }: ChoiceProps) {
  return (
    <fieldset>
      <legend>{legend}</legend>
      {people.map(({ reference, name }) => (
        <label key={reference} className="toggle">
          <input
            type="checkbox"
            checked={chosen.includes(reference)}
            onChange={({ target }) =>
              choose(target.checked ? [...chosen, reference] : chosen.filter((one) => one !== reference))
            }
          />
          {name}
        </label>
      ))}
    </fieldset>
  );
}
