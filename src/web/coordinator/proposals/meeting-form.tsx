import { type FormEvent, useId, useState } from 'react';
import type { Answer, FhirClient, Trouble } from '../../shared/fhir-client.ts';
import { readNames } from '../../shared/names.ts';
import { parameter, parameters } from '../../shared/parameters.ts';
import { useAnswer } from '../../shared/use-answer.ts';
import type { Child } from '../child/read-child.ts';
import { useDesk } from '../desk.ts';
import { Reading, TroubleNote } from '../states.tsx';
import type { Writing } from '../use-write.ts';
import { meetingWords, words } from '../words.ts';

interface Person {
  reference: string;
  text: string;
}

interface MeetingProps {
  child: Child;
  planId: string;
  writing: Writing;
}

/** Closes a joint meeting about the plan into Tasks; a decision without an owner or a day is refused by its number. */
export function MeetingForm(props: MeetingProps) {
  const { client, me } = useDesk();
  const people = useAnswer(props.planId, () => readPeople(client, props.child, me));
  const [trouble, setTrouble] = useState<Trouble>();
  const [numbers, setNumbers] = useState<readonly number[]>([1]);
  const [closed, setClosed] = useState(0);
  const id = useId();
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const text = (name: string) => String(given.get(name) ?? '').trim();
    const points = text('agenda').split('\n');
    const resource = parameters(
      ...given.getAll('attendee').flatMap((one) => parameter('valueReference', 'attendee', String(one))),
      ...points.flatMap((point) => parameter('valueString', 'agenda', point.trim())),
      ...numbers.map((number) => ({
        name: 'decision',
        part: [
          ...parameter('valueString', 'text', text(`text-${number}`)),
          ...parameter('valueReference', 'owner', text(`owner-${number}`)),
          ...parameter('valueDate', 'due', text(`due-${number}`)),
        ],
      })),
    );
    const request = { method: 'POST' as const, url: `CarePlan/${props.planId}/$close-meeting`, resource };
    const problem = await props.writing.write(request, meetingWords.closed);
    setTrouble(problem);
    if (problem) return;
    setNumbers([1]);
    setClosed(closed + 1);
  }
  if (!people.value) return <Reading />;
  return (
    <form key={closed} className="form" onSubmit={submit}>
      <p className="none">{meetingWords.help}</p>
      <fieldset className="choices">
        <legend>{meetingWords.attendees}</legend>
        {people.value.map(({ reference, text }) => (
          <label key={reference} className="toggle">
            <input type="checkbox" name="attendee" value={reference} defaultChecked={reference === me} /> {text}
          </label>
        ))}
      </fieldset>
      <label htmlFor={`${id}-agenda`}>{meetingWords.agenda}</label>
      <textarea id={`${id}-agenda`} name="agenda" rows={3} />
      {numbers.map((number) => (
        <Decision key={number} number={number} people={people.value ?? []} />
      ))}
      {trouble && <TroubleNote trouble={trouble} />}
      <p className="actions">
        <button type="button" onClick={() => setNumbers([...numbers, numbers.length + 1])}>
          {meetingWords.more}
        </button>
        <button type="submit" className="main-action" disabled={props.writing.isWriting}>
          {props.writing.isWriting ? words.writing : meetingWords.record}
        </button>
      </p>
    </form>
  );
}

function Decision({ number, people }: { number: number; people: readonly Person[] }) {
  const id = useId();
  return (
    <fieldset>
      <legend>{meetingWords.decision(number)}</legend>
      <div className="grid">
        <p>
          <label htmlFor={`${id}-text`}>{meetingWords.text}</label>
          <input id={`${id}-text`} name={`text-${number}`} />
        </p>
        <p>
          <label htmlFor={`${id}-owner`}>{meetingWords.owner}</label>
          <select id={`${id}-owner`} name={`owner-${number}`}>
            <option value="">{meetingWords.choose}</option>
            {people.map(({ reference, text }) => (
              <option key={reference} value={reference}>
                {text}
              </option>
            ))}
          </select>
        </p>
        <p>
          <label htmlFor={`${id}-due`}>{meetingWords.due}</label>
          <input id={`${id}-due`} name={`due-${number}`} type="date" />
        </p>
      </div>
    </fieldset>
  );
}

const person = /^(Practitioner|PractitionerRole|RelatedPerson|Patient)\//;

/** Who may have been there: whoever sits here, the care team, the family. */
async function readPeople(client: FhirClient, { patient, team }: Child, me: string): Promise<Answer<Person[]>> {
  const family = await client.all(`RelatedPerson?patient=${patient.id}&active=true&_count=50`);
  if (!family.ok) return family;
  const members = (team?.participant ?? []).map(({ member }) => member?.reference);
  const all = [me, ...members, ...family.value.map(({ id }) => `RelatedPerson/${id}`), `Patient/${patient.id}`];
  const names = await readNames(client, all);
  const people = [...new Set(all)].flatMap((reference) => {
    const text = names.get(reference ?? '');
    return reference !== undefined && text !== undefined && person.test(reference) ? [{ reference, text }] : [];
  });
  return { ok: true, value: people };
}
