import { useState } from 'react';
import type { ActionLine, ReferralLine } from '../../../fhir/plan-view.ts';
import { useFamily, useWords } from '../family.ts';
import { actionsOf, isLate, referralsOf } from './lines-of.ts';
import { Withdraw } from './withdraw.tsx';

/** What is done for the child, by whom and by when. What is closed is counted, and shown on request. */
export function Steps() {
  const { words } = useWords();
  const { view } = useFamily();
  const [all, setAll] = useState(false);
  // An order never to do something is no step: it stands under what must never be done.
  const lines = [...actionsOf(view), ...referralsOf(view).filter((line) => !line.doNotPerform)];
  const open = lines.filter((line) => line.open);
  const closed = lines.length - open.length;
  const shown = all ? [...open, ...lines.filter((line) => !line.open)] : open;
  return (
    <section className="card" aria-labelledby="steps">
      <h2 id="steps">{words.plan.steps}</h2>
      {lines.length === 0 && <p>{words.plan.noSteps}</p>}
      <ul className="lines">
        {shown.map((line) => (
          <Step key={line.reference} line={line} />
        ))}
      </ul>
      {closed > 0 && (
        <label className="toggle">
          <input type="checkbox" checked={all} onChange={(event) => setAll(event.target.checked)} />{' '}
          {words.plan.doneSteps(closed)}
        </label>
      )}
    </section>
  );
}

/** What must never be done, whoever asks for it. */
export function Never() {
  const { words } = useWords();
  const { view } = useFamily();
  const lines = referralsOf(view).filter((line) => line.doNotPerform && line.open);
  if (lines.length === 0) return null;
  return (
    <section className="card never" aria-labelledby="never">
      <h2 id="never">{words.plan.never}</h2>
      <ul className="lines">
        {lines.map((line) => (
          <li key={line.reference}>
            <strong>{words.plan.doNot}</strong> {line.text}
            {line.requester && <p className="soft">{words.plan.saidBy(line.requester)}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Step({ line }: { line: ActionLine | ReferralLine }) {
  const { words, day } = useWords();
  const { today } = useFamily();
  const isReferral = 'state' in line;
  const who = isReferral ? line.performer : line.owner;
  const state = isReferral ? words.referral[line.state] : words.task[line.status];
  return (
    <li>
      {line.text} <span className="badge">{state ?? line.status}</span>
      <p className="soft">
        {[
          who ? words.plan.responsible(who) : line.open && words.plan.nobody,
          isReferral && line.requester && words.plan.askedBy(line.requester),
          line.due && !isLate(line, today) && words.plan.due(day(line.due)),
        ]
          .filter(Boolean)
          .join(', ')}
        {isLate(line, today) && <strong className="late"> {words.waiting.wasDue(day(line.due))}</strong>}
      </p>
      {isReferral && <Withdraw line={line} />}
    </li>
  );
}
