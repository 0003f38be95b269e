import { useId, useState } from 'react';
import type { Trouble } from '../../shared/fhir-client.ts';
import { useAnswer } from '../../shared/use-answer.ts';
import { type Bar, Bars } from '../bars.tsx';
import { useDesk } from '../desk.ts';
import { Reading, TroubleNote } from '../states.tsx';
import { queueWords, words } from '../words.ts';
import { QueueLine } from './queue-line.tsx';
import { ageOf, ages, type QueueItem, type QueuePage, type Reason, readQueue, reasons } from './read-queue.ts';

const whose = ['mine', 'everybody'] as const;

/** What waits for somebody, with the reason; by whose it is and why it stands here, a page at a time. */
export function WorkQueue() {
  const { me, client } = useDesk();
  const [owner, setOwner] = useState<(typeof whose)[number]>('mine');
  const [wanted, setWanted] = useState<readonly Reason[]>(reasons);
  const asked = { ...(owner === 'mine' && { owner: me }), reasons: wanted };
  const first = useAnswer(JSON.stringify(asked), () => readQueue(client, asked));
  const select = useId();
  const toggle = (reason: Reason, on: boolean) =>
    setWanted(reasons.filter((one) => (one === reason ? on : wanted.includes(one))));
  return (
    <section aria-labelledby="queue-title">
      <h1 id="queue-title">{queueWords.title}</h1>
      <div className="filters">
        <span>
          <label htmlFor={select}>{queueWords.whose}</label>{' '}
          <select
            id={select}
            value={owner}
            onChange={({ target }) => setOwner(target.value === 'mine' ? 'mine' : 'everybody')}
          >
            {whose.map((one) => (
              <option key={one} value={one}>
                {queueWords[one]}
              </option>
            ))}
          </select>
        </span>
        <fieldset>
          <legend>{queueWords.why}</legend>
          {reasons.map((reason) => (
            <label key={reason} className="toggle">
              <input
                type="checkbox"
                checked={wanted.includes(reason)}
                // The last one stays: nothing asked for would be everything.
                disabled={wanted.length === 1 && wanted.includes(reason)}
                onChange={({ target }) => toggle(reason, target.checked)}
              />{' '}
              {queueWords.reasons[reason]}
            </label>
          ))}
        </fieldset>
      </div>
      {first.isLoading && <Reading />}
      {first.trouble && <TroubleNote trouble={first.trouble} retry={first.reload} />}
      {first.value && !first.isLoading && (
        <Pages
          key={JSON.stringify(asked)}
          first={first.value}
          read={(after) => readQueue(client, asked, after)}
          isMine={owner === 'mine'}
        />
      )}
    </section>
  );
}

interface PagesProps {
  first: QueuePage;
  read: (after: string) => ReturnType<typeof readQueue>;
  isMine: boolean;
}

function Pages({ first, read, isMine }: PagesProps) {
  const [more, setMore] = useState<QueuePage[]>([]);
  const [trouble, setTrouble] = useState<Trouble>();
  const [isReading, setReading] = useState(false);
  const pages = [first, ...more];
  const items = pages.flatMap((page) => page.items);
  const names = new Map(pages.flatMap((page) => [...page.names]));
  const next = pages.at(-1)?.next;
  async function goOn() {
    if (next === undefined) return;
    setReading(true);
    const answer = await read(next);
    setReading(false);
    setTrouble(answer.ok ? undefined : answer.trouble);
    if (answer.ok) setMore([...more, answer.value]);
  }
  if (items.length === 0 && next === undefined)
    return <p className="none">{isMine ? queueWords.noneMine : queueWords.none}</p>;
  return (
    <>
      <Bars title={queueWords.plot(items.length, next !== undefined)} bars={barsOf(items, new Date())} />
      <ul className="lines queue">
        {items.map((item) => (
          <QueueLine key={item.task.id} item={item} names={names} isMine={isMine} />
        ))}
      </ul>
      {trouble && <TroubleNote trouble={trouble} retry={goOn} />}
      {next !== undefined && (
        <button type="button" onClick={goOn} disabled={isReading}>
          {isReading ? words.reading : queueWords.more}
        </button>
      )}
    </>
  );
}

function barsOf(items: readonly QueueItem[], now: Date): Bar[] {
  return ages
    .map((age) => ({ age, count: items.filter((item) => ageOf(item, now) === age).length }))
    .filter(({ count }) => count > 0)
    .map(({ age, count }) => ({
      label: queueWords.ages[age],
      value: count,
      text: String(count),
      ...((age === 'overdue' || age === 'long-overdue') && { tone: 'warn' as const }),
    }));
}
