import { useId } from 'react';
import { dayText } from '../../../shared/dates.ts';
import type { Names } from '../../../shared/names.ts';
import { taskText } from '../../queue/read-queue.ts';
import type { Writing } from '../../use-write.ts';
import { queueWords, stateText, workWords } from '../../words.ts';
import { MoveForm } from './move-form.tsx';
import type { Referral } from './read-work.ts';
import { RerouteForm } from './reroute-form.tsx';
import { Thread } from './thread.tsx';

export interface ReferralProps {
  referral: Referral;
  names: Names;
  writing: Writing;
}

/** One referral: where it stands and why, what may become of it, and what its parties have written to each other. */
export function ReferralCard(props: ReferralProps) {
  const { task, state, moves, mayReroute } = props.referral;
  const { names } = props;
  const id = useId();
  const nameOf = (one: { reference?: string; display?: string } | undefined) =>
    names.get(one?.reference ?? '') ?? one?.display;
  const facts = [
    nameOf(task.requester) && workWords.askedBy(nameOf(task.requester) ?? ''),
    nameOf(task.owner) === undefined ? queueWords.nobody : queueWords.owner(nameOf(task.owner) ?? ''),
    task.restriction?.period?.end && queueWords.due(dayText(task.restriction.period.end)),
    task.executionPeriod?.start && workWords.appointment(dayText(task.executionPeriod.start)),
  ];
  return (
    <article className="panel" aria-labelledby={id}>
      <div className="line-head">
        <h3 id={id}>{taskText(task, names, queueWords.someTask)}</h3>
        <span className="badge">{stateText(state)}</span>
      </div>
      <p className="facts">{facts.filter(Boolean).join(' · ')}</p>
      {task.statusReason?.text !== undefined && <p>{workWords.why(task.statusReason.text)}</p>}
      {(task.note ?? []).map(({ text }) => (
        <p key={text} className="none">
          {text}
        </p>
      ))}
      {remarks(task).map((text) => (
        <p key={text} className="none">
          {text}
        </p>
      ))}
      {moves.length > 0 && <MoveForm {...props} />}
      {mayReroute && <RerouteForm {...props} />}
      <Thread {...props} />
    </article>
  );
}

const capacityUrl = 'http://careweave.org/fhir/StructureDefinition/capacity-at-sending';

/** What the service said of its places when it was asked. */
function remarks({ extension = [] }: Referral['task']): string[] {
  return extension.flatMap(({ url, valueCodeableConcept }) =>
    url === capacityUrl && valueCodeableConcept?.text !== undefined ? [valueCodeableConcept.text] : [],
  );
}
