import { type FormEvent, useId, useState } from 'react';
import type { Resource, r4 } from '../../../../fhir/types.ts';
import { type Code, conceptOf, readCodes } from '../../../shared/codes.ts';
import { dayText, today } from '../../../shared/dates.ts';
import type { Ask, Trouble } from '../../../shared/fhir-client.ts';
import type { Names } from '../../../shared/names.ts';
import { useDesk } from '../../desk.ts';
import { taskText } from '../../queue/read-queue.ts';
import { TroubleNote } from '../../states.tsx';
import type { Writing } from '../../use-write.ts';
import { queueWords, stateText, words, workWords } from '../../words.ts';
import { withNote } from './note.ts';

interface TaskProps {
  task: Resource & r4.Task;
  names: Names;
  writing: Writing;
}

const careTask = 'http://careweave.org/fhir/CodeSystem/care-task';
const isKind = (task: r4.Task, kind: string) =>
  task.code?.coding?.some(({ system, code }) => system === careTask && code === kind) === true;

/** A Task that is no referral. Proposals are answered among the proposals; a hand-off is confirmed by both. */
export function TaskCard({ task, names, writing }: TaskProps) {
  const { me, go } = useDesk();
  const id = useId();
  const owner = names.get(task.owner?.reference ?? '') ?? task.owner?.display;
  const due = task.restriction?.period?.end;
  const isLate = due !== undefined && due.slice(0, 10) < today(new Date());
  const patientId = task.for?.reference?.split('/')[1] ?? '';
  return (
    <article className="panel" aria-labelledby={id}>
      <div className="line-head">
        <h3 id={id}>{taskText(task, names, queueWords.someTask)}</h3>
        <span className="badge">{stateText(task.status)}</span>
      </div>
      <p className="facts">
        {owner === undefined ? queueWords.nobody : queueWords.owner(owner)}
        {due !== undefined && (
          <span className={isLate ? 'late' : undefined}>
            {' '}
            · {isLate ? queueWords.wasDue(dayText(due)) : queueWords.due(dayText(due))}
          </span>
        )}
      </p>
      {isKind(task, 'plan-change') && (
        <button type="button" className="link" onClick={() => go({ kind: 'child', patientId, tab: 'proposals' })}>
          {workWords.toProposals}
        </button>
      )}
      {isKind(task, 'warm-hand-off') && <HandOff task={task} writing={writing} />}
      {!isKind(task, 'plan-change') && !isKind(task, 'warm-hand-off') && (
        <Steps task={task} writing={writing} isMine={task.owner?.reference === me} />
      )}
    </article>
  );
}

function HandOff({ task, writing }: Pick<TaskProps, 'task' | 'writing'>) {
  const { me } = useDesk();
  const [trouble, setTrouble] = useState<Trouble>();
  if (task.owner?.reference !== me && task.requester?.reference !== me) return null;
  const request: Ask = {
    method: 'POST',
    url: `Task/${task.id}/$confirm-hand-off`,
    resource: { resourceType: 'Parameters' },
  };
  return (
    <>
      {trouble && <TroubleNote trouble={trouble} />}
      <button
        type="button"
        disabled={writing.isWriting}
        onClick={async () => setTrouble(await writing.write(request, workWords.confirmed))}
      >
        {workWords.confirm}
      </button>
    </>
  );
}

const steps = ['take', 'done', 'end'] as const;
type Step = (typeof steps)[number];

function Steps({ task, writing, isMine }: Pick<TaskProps, 'task' | 'writing'> & { isMine: boolean }) {
  const { me, client } = useDesk();
  const id = useId();
  const [step, setStep] = useState<Step>();
  const [reasons, setReasons] = useState<readonly Code[]>([]);
  const [trouble, setTrouble] = useState<Trouble>();
  async function choose(next: Step) {
    setTrouble(undefined);
    setStep(next);
    if (next === 'end' && reasons.length === 0) setReasons(await readCodes(client, 'ending-reason'));
  }
  async function write(after: Resource, done: string) {
    const request: Ask = { method: 'PUT', url: `Task/${task.id}`, resource: after, ifVersion: task.meta?.versionId };
    setTrouble(await writing.write(request, done));
  }
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const text = (name: string) => String(given.get(name) ?? '').trim();
    const note = text('note') === '' ? task.note : withNote(task.note, text('note'), me);
    if (step === 'take') await write({ ...task, note, status: 'accepted', owner: { reference: me } }, workWords.taken);
    if (step === 'done') {
      const executionPeriod = { ...task.executionPeriod, end: new Date().toISOString() };
      await write({ ...task, note, status: 'completed', executionPeriod }, workWords.done);
    }
    if (step === 'end') {
      const reason = reasons.find(({ code }) => code === text('reason'));
      const statusReason = { ...(reason && conceptOf(reason)), ...(text('words') !== '' && { text: text('words') }) };
      await write({ ...task, note, status: 'cancelled', statusReason }, workWords.ended);
    }
  }
  const offered = steps.filter((one) => one !== 'take' || !isMine || task.status === 'requested');
  return (
    <>
      <p className="actions">
        {offered.map((one) => (
          <button key={one} type="button" aria-expanded={step === one} onClick={() => choose(one)}>
            {workWords.steps[one]}
          </button>
        ))}
      </p>
      {step && (
        <form className="form" onSubmit={submit}>
          {step === 'end' && (
            <>
              <p>
                <label htmlFor={`${id}-reason`}>{workWords.whyEnded}</label>
                <select id={`${id}-reason`} name="reason" required>
                  <option value="">{workWords.choose}</option>
                  {reasons.map(({ code, words: text }) => (
                    <option key={code} value={code}>
                      {text}
                    </option>
                  ))}
                </select>
              </p>
              <p>
                <label htmlFor={`${id}-words`}>{workWords.inWords}</label>
                <textarea id={`${id}-words`} name="words" rows={2} />
              </p>
            </>
          )}
          <p>
            <label htmlFor={`${id}-note`}>{workWords.note}</label>
            <textarea id={`${id}-note`} name="note" rows={2} />
          </p>
          {trouble && <TroubleNote trouble={trouble} />}
          <button type="submit" className="main-action" disabled={writing.isWriting}>
            {writing.isWriting ? words.writing : workWords.record}
          </button>
        </form>
      )}
    </>
  );
}
