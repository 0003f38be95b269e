import { useEffect, useState } from 'react';
import { type Parts, partsOf } from '../../shared/parameters.ts';
import { useFamily, useWords } from '../family.ts';

/** Whom to call first at this hour (`$first-call`), who is next, who is closed. */
export function FirstCall() {
  const { words, language } = useWords();
  const { client, session } = useFamily();
  const [answer, setAnswer] = useState<Parts | 'none' | 'unread'>();
  useEffect(() => {
    let current = true;
    client.get(`Patient/${session.patientId}/$first-call?language=${language}`).then((found) => {
      if (!current) return;
      if (found.ok) setAnswer(partsOf(found.value));
      else setAnswer(found.trouble.kind === 'refused' ? 'none' : 'unread');
    });
    return () => {
      current = false;
    };
  }, [client, session, language]);
  return (
    <section className="card call" aria-labelledby="call">
      <h2 id="call">{words.call.title}</h2>
      {answer === undefined && <p role="status">{words.reading}</p>}
      {answer === 'none' && <p>{words.call.none}</p>}
      {answer === 'unread' && <p role="alert">{words.trouble.notRead}</p>}
      {typeof answer === 'object' && <People answer={answer} />}
      <p className="soft">{words.call.emergency}</p>
    </section>
  );
}

function People({ answer }: { answer: Parts }) {
  const { words } = useWords();
  const groups = [
    { title: words.call.now, people: answer.all('first') },
    { title: words.call.next, people: answer.all('next') },
    { title: words.call.closed, people: answer.all('closed') },
  ];
  if (groups.every(({ people }) => people.length === 0)) return <p>{words.call.none}</p>;
  return groups
    .filter(({ people }) => people.length > 0)
    .map(({ title, people }) => (
      <div key={title}>
        <h3>{title}</h3>
        <ul className="lines">
          {people.map((one) => (
            <Person key={`${one.text('name')} ${one.text('phone')}`} one={one} />
          ))}
        </ul>
      </div>
    ));
}

function Person({ one }: { one: Parts }) {
  const { words } = useWords();
  const phone = one.text('phone');
  const hours = one.text('hours');
  const isUncertain = one.has('certain') && !one.is('certain');
  return (
    <li>
      <strong>{one.text('name')}</strong>{' '}
      {phone === undefined ? (
        <span className="soft">{words.call.number}</span>
      ) : (
        <a className="phone" href={`tel:${phone.replace(/[^\d+]/g, '')}`}>
          {phone}
        </a>
      )}
      <p className="soft">
        {[hours && words.call.hours(hours), isUncertain && words.call.notSure, one.text('note'), one.text('why')]
          .filter(isText)
          .map((text) => text.replace(/\.$/, ''))
          .join('. ')}
      </p>
    </li>
  );
}

function isText(text: string | false | undefined): text is string {
  return typeof text === 'string' && text !== '';
}
