import { useRef, useState } from 'react';
import { dayText } from '../../shared/dates.ts';
import type { Trouble } from '../../shared/fhir-client.ts';
import { useAnswer } from '../../shared/use-answer.ts';
import type { PartProps } from '../child/child-page.tsx';
import { useDesk } from '../desk.ts';
import { Reading, Said, TroubleNote } from '../states.tsx';
import { choiceText, reconcileWords, words } from '../words.ts';
import { acceptance, type Choice, type Reconciliation, type Row, readRows } from './read-rows.ts';
import { RowCard } from './row-card.tsx';

/**
 * What several places say of one child, side by side. Any number of rows are decided, and carried out together or not at all; nothing is chosen for
 * the reader. A row that has changed meanwhile is read again, and that is said.
 */
export function Reconcile({ child, changed }: PartProps) {
  const { client, me } = useDesk();
  const patientId = child.patient.id ?? '';
  const participants = [me, ...(child.team?.participant ?? []).map(({ member }) => member?.reference)];
  const asked = useAnswer(patientId, () => readRows(client, patientId, participants));
  const [chosen, setChosen] = useState<ReadonlyMap<string, Choice>>(new Map());
  const [trouble, setTrouble] = useState<Trouble>();
  const [said, setSaid] = useState('');
  const [isWriting, setWriting] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const rows = asked.value?.rows ?? [];
  const ready = rows.flatMap((row) => {
    const choice = chosen.get(row.id);
    return choice === undefined ? [] : [{ row, choice }];
  });

  function choose(row: Row, choice: Choice | undefined) {
    const next = new Map(chosen);
    if (choice === undefined) next.delete(row.id);
    else next.set(row.id, choice);
    setChosen(next);
  }
  async function record() {
    setWriting(true);
    setSaid('');
    const resource = acceptance(patientId, ready);
    const [answer] = await client.ask([{ method: 'POST', url: 'CarePlan/$accept-reconciliation', resource }]);
    setWriting(false);
    const problem = answer?.ok === false ? answer.trouble : undefined;
    const isLate = problem?.kind === 'conflict';
    setTrouble(isLate ? undefined : problem);
    if (problem && !isLate) return;
    setChosen(new Map());
    await Promise.all([asked.reload(), ...(isLate ? [] : [changed()])]);
    setSaid(isLate ? reconcileWords.readAgain : reconcileWords.recorded(ready.length));
    heading.current?.focus();
  }
  return (
    <section aria-labelledby="reconcile-title">
      <h2 id="reconcile-title" ref={heading} tabIndex={-1}>
        {reconcileWords.title}
      </h2>
      <p className="none">{reconcileWords.help}</p>
      <Said text={said} />
      {asked.isLoading && !asked.value && <Reading />}
      {asked.trouble && <TroubleNote trouble={asked.trouble} retry={asked.reload} />}
      {asked.value && rows.length === 0 && <p className="panel">{reconcileWords.none}</p>}
      {asked.value &&
        rows.map((row) => (
          <RowCard
            // A row that has changed is another question.
            key={`${row.id} ${row.state}`}
            row={row}
            goals={asked.value?.goals ?? []}
            owners={asked.value?.owners ?? []}
            choice={chosen.get(row.id)}
            choose={(choice) => choose(row, choice)}
          />
        ))}
      {rows.length > 0 && (
        <div className="decide">
          {trouble && <TroubleNote trouble={trouble} />}
          <button type="button" className="main-action" disabled={ready.length === 0 || isWriting} onClick={record}>
            {isWriting ? words.writing : reconcileWords.record(ready.length)}
          </button>
        </div>
      )}
      {asked.value && <Decided reconciliation={asked.value} />}
    </section>
  );
}

/** What was decided before, so that nobody wonders where a row went. */
function Decided({ reconciliation: { decided, names } }: { reconciliation: Reconciliation }) {
  if (decided.length === 0) return null;
  return (
    <details className="panel">
      <summary>{reconcileWords.before(decided.length)}</summary>
      <ul className="lines">
        {decided.map((one) => (
          <li key={`${one.provenance} ${one.records.join(' ')}`}>
            <strong>{choiceText(one.choice, one.records.length)}</strong>
            <span className="source">
              {recordsText(one.records, names)} ·{' '}
              {reconcileWords.by(names.get(one.by) ?? reconcileWords.somebody, dayText(one.at))}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** What the records say, each wording once; one that is not shown any more is said to be that. */
function recordsText(records: readonly string[], names: Reconciliation['names']): string {
  return [...new Set(records.map((record) => names.get(record) ?? reconcileWords.unseen))].join(' / ');
}
