import { useId, useState } from 'react';
import { readCodes } from '../../../shared/codes.ts';
import { dayText } from '../../../shared/dates.ts';
import type { Answer, FhirClient } from '../../../shared/fhir-client.ts';
import { type Names, readNames } from '../../../shared/names.ts';
import { type Parts, partsOf } from '../../../shared/parameters.ts';
import { useAnswer } from '../../../shared/use-answer.ts';
import { Bars } from '../../bars.tsx';
import { useDesk } from '../../desk.ts';
import { Reading, Said, TroubleNote } from '../../states.tsx';
import { useWrite } from '../../use-write.ts';
import { contactWords } from '../../words.ts';
import type { PartProps } from '../child-page.tsx';
import { ContactForm } from './contact-form.tsx';

/** The contact log: how often, how and where somebody was in touch, and a form to log one. */
export function ContactsTab({ child }: PartProps) {
  const { client } = useDesk();
  const patientId = child.patient.id ?? '';
  const month = useId();
  const [period, setPeriod] = useState('');
  const { value, trouble, isLoading, reload } = useAnswer(`${patientId} ${period}`, () =>
    readContacts(client, patientId, period),
  );
  const writing = useWrite(reload);
  return (
    <section aria-labelledby="contacts-title">
      <h2 id="contacts-title">{contactWords.title}</h2>
      <Said text={writing.said} />
      <ContactForm patientId={patientId} writing={writing} />
      <p>
        <label htmlFor={month}>{contactWords.month}</label>{' '}
        <input id={month} type="month" value={period} onChange={({ target }) => setPeriod(target.value)} />
      </p>
      {isLoading && !value && <Reading />}
      {trouble && <TroubleNote trouble={trouble} retry={reload} />}
      {value && <Log {...value} />}
    </section>
  );
}

interface ContactLog {
  log: Parts;
  names: Names;
  activities: ReadonlyMap<string, string>;
}

async function readContacts(client: FhirClient, patientId: string, period: string): Promise<Answer<ContactLog>> {
  const answer = await client.get(`Patient/${patientId}/$contacts${period === '' ? '' : `?period=${period}`}`);
  if (!answer.ok) return answer;
  const log = partsOf(answer.value);
  const [names, codes] = await Promise.all([
    readNames(
      client,
      log.all('contact').flatMap((contact) => contact.texts('who')),
    ),
    readCodes(client, 'care-activity'),
  ]);
  return { ok: true, value: { log, names, activities: new Map(codes.map(({ code, words }) => [code, words])) } };
}

function Log({ log, names, activities }: ContactLog) {
  const contacts = log.all('contact').toReversed();
  if (contacts.length === 0) return <p className="panel">{contactWords.none}</p>;
  const bars = log.all('mode').map((mode) => {
    const [code, held, tried] = [mode.text('code') ?? '', mode.number('count') ?? 0, mode.number('tried') ?? 0];
    return {
      label: contactWords.modes[code] ?? code,
      value: held,
      text: [String(held), tried > 0 ? contactWords.tried(tried) : ''].filter(Boolean).join(', '),
    };
  });
  return (
    <>
      <Bars title={contactWords.plot} bars={bars} />
      <ul className="lines cards">
        {contacts.map((contact) => (
          <li key={contact.text('record')}>
            <strong>{contactWords.modes[contact.text('mode') ?? ''] ?? contact.text('mode')}</strong>
            {contact.text('where') !== undefined && `, ${contact.text('where')}`}:{' '}
            {activities.get(contact.text('activity') ?? '') ?? contact.text('activity')}{' '}
            {contact.text('was') === 'tried' && <span className="badge late">{contactWords.notReached}</span>}
            <span className="source">
              {[
                dayText(contact.text('at')),
                ...contact.texts('who').map((who) => names.get(who)),
                contact.number('minutes') && contactWords.minutes(contact.number('minutes') ?? 0),
              ]
                .filter(Boolean)
                .join(' · ')}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
