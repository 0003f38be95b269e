import { type FormEvent, useId, useState } from 'react';
import { ofType } from '../../../../fhir/of-type.ts';
import type { r4 } from '../../../../fhir/types.ts';
import { type Code, readCodes } from '../../../shared/codes.ts';
import { dayText } from '../../../shared/dates.ts';
import type { FhirClient, Trouble } from '../../../shared/fhir-client.ts';
import { readNames } from '../../../shared/names.ts';
import { useAnswer } from '../../../shared/use-answer.ts';
import { useDesk } from '../../desk.ts';
import { Reading, TroubleNote } from '../../states.tsx';
import type { Writing } from '../../use-write.ts';
import { contactWords, words } from '../../words.ts';
import { contactModes, contactRecord, isVisit } from './contact-record.ts';

const programUrl = 'http://careweave.org/fhir/StructureDefinition/care-program';

interface Choices {
  activities: Code[];
  outcomes: Code[];
  /** Enrollments that run. */
  episodes: { reference: string; text: string }[];
}

/** What may be chosen in the form. An enrollment that cannot be read is not offered. */
async function readChoices(client: FhirClient, patientId: string): Promise<{ ok: true; value: Choices }> {
  const [activities, outcomes, found] = await Promise.all([
    readCodes(client, 'care-activity'),
    readCodes(client, 'contact-outcome'),
    client.all(`EpisodeOfCare?patient=${patientId}&status=active,onhold&_count=50`),
  ]);
  const running = ofType(found.ok ? found.value : [], 'EpisodeOfCare');
  const programOf = ({ extension = [] }: r4.EpisodeOfCare) =>
    extension.find(({ url }) => url === programUrl)?.valueReference?.reference;
  const names = await readNames(client, running.map(programOf));
  const episodes = running.map((one) => ({
    reference: `EpisodeOfCare/${one.id}`,
    text: [
      names.get(programOf(one) ?? '') ?? contactWords.enrollment,
      contactWords.since(dayText(one.period?.start)),
    ].join(' '),
  }));
  return { ok: true, value: { activities, outcomes, episodes } };
}

/** Logs a contact by mode and place, or an attempt with why nobody was reached. */
export function ContactForm({ patientId, writing }: { patientId: string; writing: Writing }) {
  const { client, me } = useDesk();
  const choices = useAnswer(patientId, () => readChoices(client, patientId));
  const [trouble, setTrouble] = useState<Trouble>();
  const [logged, setLogged] = useState(0);
  if (!choices.value) return <Reading />;
  const { activities, outcomes, episodes } = choices.value;
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const text = (name: string) => String(given.get(name) ?? '').trim();
    const activity = activities.find(({ code }) => code === text('activity'));
    if (!activity) return;
    const outcome = text('reached') === 'no' ? outcomes.find(({ code }) => code === text('outcome')) : undefined;
    const resource = contactRecord({
      ...{ patientId, me, activity, mode: text('mode'), where: text('where'), at: new Date(text('at')) },
      ...(outcome && { outcome }),
      ...(text('minutes') !== '' && { minutes: Number(text('minutes')) }),
      ...(text('minutes') !== '' && text('episode') !== '' && { episode: text('episode') }),
    });
    const request = { method: 'POST' as const, url: resource.resourceType, resource };
    const problem = await writing.create([request], contactWords.logged);
    setTrouble(problem);
    if (!problem) setLogged(logged + 1);
  }
  return (
    <form className="form panel" onSubmit={submit}>
      <h3>{contactWords.log}</h3>
      <Fields key={logged} activities={activities} outcomes={outcomes} episodes={episodes} />
      {trouble && <TroubleNote trouble={trouble} />}
      <button type="submit" className="main-action" disabled={writing.isWriting}>
        {writing.isWriting ? words.writing : contactWords.record}
      </button>
    </form>
  );
}

function Fields({ activities, outcomes, episodes }: Choices) {
  const id = useId();
  const [mode, setMode] = useState(contactModes[0] ?? '');
  const [isReached, setReached] = useState(true);
  return (
    <div className="grid">
      <Field label={contactWords.mode} id={`${id}-mode`}>
        <select id={`${id}-mode`} name="mode" value={mode} onChange={({ target }) => setMode(target.value)}>
          {contactModes.map((one) => (
            <option key={one} value={one}>
              {contactWords.modes[one] ?? one}
            </option>
          ))}
        </select>
      </Field>
      <Field label={contactWords.activity} id={`${id}-activity`}>
        <Codes id={`${id}-activity`} name="activity" codes={activities} />
      </Field>
      <Field label={contactWords.when} id={`${id}-at`}>
        <input id={`${id}-at`} name="at" type="datetime-local" defaultValue={localTime(new Date())} required />
      </Field>
      {isVisit(mode) && (
        <Field label={contactWords.where} id={`${id}-where`}>
          <input id={`${id}-where`} name="where" />
        </Field>
      )}
      <label className="toggle">
        <input type="checkbox" checked={isReached} onChange={({ target }) => setReached(target.checked)} />{' '}
        {contactWords.reached}
        <input type="hidden" name="reached" value={isReached ? 'yes' : 'no'} />
      </label>
      {!isReached && (
        <Field label={contactWords.outcome} id={`${id}-outcome`}>
          <Codes id={`${id}-outcome`} name="outcome" codes={outcomes} />
        </Field>
      )}
      {isVisit(mode) && episodes.length > 0 && (
        <>
          <Field label={contactWords.minutesSpent} id={`${id}-minutes`}>
            <input id={`${id}-minutes`} name="minutes" type="number" min="1" step="1" />
          </Field>
          <Field label={contactWords.episode} id={`${id}-episode`}>
            <select id={`${id}-episode`} name="episode">
              {episodes.map(({ reference, text }) => (
                <option key={reference} value={reference}>
                  {text}
                </option>
              ))}
            </select>
          </Field>
        </>
      )}
      {isVisit(mode) && episodes.length === 0 && <p className="none">{contactWords.noEpisode}</p>}
    </div>
  );
}

function Field({ label, id, children }: { label: string; id: string; children: React.ReactNode }) {
  return (
    <p>
      <label htmlFor={id}>{label}</label>
      {children}
    </p>
  );
}

function Codes({ id, name, codes }: { id: string; name: string; codes: readonly Code[] }) {
  return (
    <select id={id} name={name} required defaultValue="">
      <option value="">{contactWords.choose}</option>
      {codes.map(({ code, words: text }) => (
        <option key={code} value={code}>
          {text}
        </option>
      ))}
    </select>
  );
}

/** Now, as a field of date and time wants it: in the zone of whoever writes. */
function localTime(now: Date): string {
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
