import { useAnswer } from '../../../shared/use-answer.ts';
import { useDesk } from '../../desk.ts';
import { Reading, Said, TroubleNote } from '../../states.tsx';
import { useWrite } from '../../use-write.ts';
import { workWords } from '../../words.ts';
import type { PartProps } from '../child-page.tsx';
import { NewReferral } from './new-referral-form.tsx';
import { readWork } from './read-work.ts';
import { ReferralCard } from './referral-card.tsx';
import { TaskCard } from './task-card.tsx';

/** Referrals with what may become of them, and the other Tasks that are open. */
export function WorkTab({ child }: PartProps) {
  const { client } = useDesk();
  const patientId = child.patient.id ?? '';
  const { value, trouble, isLoading, reload } = useAnswer(patientId, () => readWork(client, patientId));
  const writing = useWrite(reload);
  return (
    <>
      <Said text={writing.said} />
      {isLoading && !value && <Reading />}
      {trouble && <TroubleNote trouble={trouble} retry={reload} />}
      {value && (
        <>
          <section aria-labelledby="referrals-title">
            <h2 id="referrals-title">{workWords.referrals}</h2>
            <NewReferral patientId={patientId} writing={writing} />
            {value.referrals.length === 0 && <p className="none">{workWords.noReferrals}</p>}
            {value.referrals.map((one) => (
              <ReferralCard
                key={`${one.task.id} ${one.task.meta?.versionId}`}
                referral={one}
                names={value.names}
                writing={writing}
              />
            ))}
          </section>
          <section aria-labelledby="tasks-title">
            <h2 id="tasks-title">{workWords.tasks}</h2>
            {value.tasks.length === 0 && <p className="none">{workWords.noTasks}</p>}
            {value.tasks.map((task) => (
              <TaskCard key={`${task.id} ${task.meta?.versionId}`} task={task} names={value.names} writing={writing} />
            ))}
          </section>
          {value.closed > 0 && <p className="none">{workWords.closed(value.closed)}</p>}
        </>
      )}
    </>
  );
}
