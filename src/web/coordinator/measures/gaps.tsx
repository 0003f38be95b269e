import { useState } from 'react';
import type { Parts } from '../../shared/parameters.ts';
import { useAnswer } from '../../shared/use-answer.ts';
import { useDesk } from '../desk.ts';
import { Reading, TroubleNote } from '../states.tsx';
import './measures.css';
import { gapWords, populationText } from './measure-words.ts';
import { type ChildGap, readGaps, readWhy } from './read-gaps.ts';

/** What the measures ask for one child and do not find, and why. */
export function Gaps({ patientId }: { patientId: string }) {
  const { client } = useDesk();
  const year = new Date().getFullYear();
  const { value, trouble, isLoading, reload } = useAnswer(patientId, () => readGaps(client, patientId, year));
  const open = value?.filter(({ status }) => status !== 'closed-gap') ?? [];
  const byMeasure = Map.groupBy(open, ({ measure }) => measure.title);
  return (
    <section aria-labelledby="gaps-title">
      <h2 id="gaps-title">{gapWords.title(year)}</h2>
      {isLoading && !value && <Reading />}
      {trouble && <TroubleNote trouble={trouble} retry={reload} />}
      {value && open.length === 0 && <p className="panel">{gapWords.none}</p>}
      {[...byMeasure].map(([title, gaps]) => (
        <div className="panel" key={title}>
          <h3>{title}</h3>
          <ul>
            {gaps.map((gap) => (
              <li className="gap" key={gap.group}>
                <OneGap gap={gap} patientId={patientId} year={year} />
              </li>
            ))}
          </ul>
        </div>
      ))}
      {value && <p>{gapWords.closed(value.length - open.length)}</p>}
    </section>
  );
}

interface OneGapProps {
  gap: ChildGap;
  patientId: string;
  year: number;
}

function OneGap({ gap, patientId, year }: OneGapProps) {
  const [isOpen, setOpen] = useState(false);
  const { label, status, missing } = gap;
  return (
    <>
      <p>
        <strong>{label}</strong> · {gapWords.status[status]}{' '}
        <button
          type="button"
          aria-expanded={isOpen}
          aria-label={gapWords.whyOf(label)}
          onClick={() => setOpen(!isOpen)}
        >
          {gapWords.why}
        </button>
      </p>
      {missing.length > 0 && (
        <p className="missing">
          {gapWords.missing} {missing.join(', ')}
        </p>
      )}
      {isOpen && <Why gap={gap} patientId={patientId} year={year} />}
    </>
  );
}

function Why({ gap, patientId, year }: OneGapProps) {
  const { client } = useDesk();
  const key = `${patientId} ${gap.measure.id} ${gap.group}`;
  const { value, trouble, isLoading, reload } = useAnswer(key, () => readWhy(client, patientId, gap, year));
  return (
    <>
      {isLoading && !value && <Reading />}
      {trouble && <TroubleNote trouble={trouble} retry={reload} />}
      <ul>
        {value?.map((population) => (
          <li key={population.text('code')}>
            {populationText(population.text('code') ?? '')}:{' '}
            <strong>{(population.number('count') ?? 0) > 0 ? gapWords.counts.yes : gapWords.counts.no}</strong>
            <Because parts={population.all('because')} />
          </li>
        ))}
      </ul>
    </>
  );
}

/** The parts of an expression, each under what it decided. */
function Because({ parts }: { parts: readonly Parts[] }) {
  return (
    <>
      {parts.map((part, place) => {
        const inner = part.all('because');
        const records = part.texts('record');
        const told = (
          <>
            {part.text('text')}
            {records.length > 0 && ` ${gapWords.records} ${records.join(', ')}`}
          </>
        );
        const key = `${place} ${part.text('text')}`;
        return inner.length === 0 ? (
          <p className="because" key={key}>
            {told}
          </p>
        ) : (
          <details className="because" key={key}>
            <summary>{told}</summary>
            <Because parts={inner} />
          </details>
        );
      })}
    </>
  );
}
