import { dayText } from '../../shared/dates.ts';
import type { Names } from '../../shared/names.ts';
import { useDesk } from '../desk.ts';
import { queueWords, stateText } from '../words.ts';
import { type QueueItem, taskText } from './read-queue.ts';

/** One thing that waits: for which child, why it stands here, where it is, whose it is. */
export function QueueLine({ item, names, isMine }: { item: QueueItem; names: Names; isMine: boolean }) {
  const { go } = useDesk();
  const { task, state, since, dueOn } = item;
  const [type, patientId] = (task.for?.reference ?? '').split('/');
  const child = names.get(task.for?.reference ?? '');
  const owner = names.get(task.owner?.reference ?? '') ?? task.owner?.display;
  const isLate = item.reasons.includes('overdue');
  return (
    <li>
      <div className="line-head">
        <strong>{taskText(task, names, queueWords.someTask)}</strong>
        {item.reasons.map((reason) => (
          <span key={reason} className={reason === 'overdue' ? 'badge late' : 'badge'}>
            {queueWords.reasonBadges[reason] ?? reason}
          </span>
        ))}
      </div>
      <p className="facts">
        {type === 'Patient' && patientId !== undefined && child !== undefined && (
          <button type="button" className="link" onClick={() => go({ kind: 'child', patientId, tab: 'work' })}>
            {child}
          </button>
        )}{' '}
        {queueWords.state(stateText(state), dayText(since))}
        {dueOn !== undefined && (
          <>
            {' · '}
            <span className={isLate ? 'late' : undefined}>
              {isLate ? queueWords.wasDue(dayText(dueOn)) : queueWords.due(dayText(dueOn))}
            </span>
          </>
        )}
        {!isMine && ` · ${owner === undefined ? queueWords.nobody : queueWords.owner(owner)}`}
      </p>
    </li>
  );
}
