import { useEffect, useState } from 'react';
import { timeText } from '../../shared/dates.ts';
import { type Parts, partsOf } from '../../shared/parameters.ts';
import { useFamily, useWords } from '../family.ts';

const step = 20;

/** Who looked, when and at what, in plain words (`$access-log`); those of one person in one moment stand together. */
export function AccessLog() {
  const { words } = useWords();
  const { client, session, resources } = useFamily();
  const [count, setCount] = useState(step);
  const [log, setLog] = useState<Parts | 'unread'>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was read anew is the sign to read this anew
  useEffect(() => {
    let current = true;
    client.get(`Patient/${session.patientId}/$access-log?_count=${count}`).then((answer) => {
      if (current) setLog(answer.ok ? partsOf(answer.value) : 'unread');
    });
    return () => {
      current = false;
    };
  }, [client, session, count, resources]);
  const events = typeof log === 'object' ? log.all('event') : [];
  return (
    <section className="card" aria-labelledby="log">
      <h2 id="log">{words.sharing.log}</h2>
      <p className="soft">{words.sharing.logIntro}</p>
      {log === undefined && <p role="status">{words.reading}</p>}
      {log === 'unread' && <p role="alert">{words.trouble.notRead}</p>}
      {typeof log === 'object' && events.length === 0 && <p>{words.sharing.noLog}</p>}
      <ol className="lines log">
        {events.map((event, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two looks of the same moment have nothing that tells them apart
          <LogLine key={at} event={event} />
        ))}
      </ol>
      {typeof log === 'object' && log.is('more') && (
        <p className="actions">
          <button type="button" onClick={() => setCount(count + step)}>
            {words.sharing.more}
          </button>
        </p>
      )}
    </section>
  );
}

function LogLine({ event }: { event: Parts }) {
  const { words, day, locale } = useWords();
  const { sharing } = words;
  const when = event.text('when') ?? '';
  const who = sharing.who[event.text('who') ?? ''] ?? event.text('who');
  const what = event.texts('what').map((code) => sharing.kinds[code] ?? code);
  const did = event.is('denied') ? sharing.denied : (sharing.did[event.text('action') ?? ''] ?? event.text('action'));
  return (
    <li>
      <time dateTime={when} className="soft">
        {day(when)}, {timeText(new Date(when), locale)}
      </time>
      <p>
        <strong>{event.text('whoText') ?? who}</strong> {did}
        {!event.is('denied') && `: ${what.join(', ')}`}
        {event.is('emergency') && <em> ({sharing.emergencyAccess})</em>}
      </p>
    </li>
  );
}
