import { useAnswer } from '../../shared/use-answer.ts';
import type { Child } from '../child/read-child.ts';
import { useDesk } from '../desk.ts';
import { Reading, Said, TroubleNote } from '../states.tsx';
import { useWrite } from '../use-write.ts';
import { meetingWords, proposalWords } from '../words.ts';
import { MeetingForm } from './meeting-form.tsx';
import { NewProposal } from './new-proposal-form.tsx';
import { ProposalCard } from './proposal-card.tsx';
import { readProposals } from './read-proposals.ts';

/** Proposals that wait for an answer: of all children the reader sees, or of one; of one also a joint meeting to close. */
export function WaitingProposals({ child }: { child?: Child }) {
  const { client } = useDesk();
  const patientId = child?.patient.id;
  const { value, trouble, isLoading, reload } = useAnswer(patientId ?? '', () => readProposals(client, patientId));
  const writing = useWrite(reload);
  const Heading = patientId === undefined ? 'h1' : 'h2';
  return (
    <section aria-labelledby="proposals-title">
      <Heading id="proposals-title">{proposalWords.title}</Heading>
      <Said text={writing.said} />
      {isLoading && !value && <Reading />}
      {trouble && <TroubleNote trouble={trouble} retry={reload} />}
      {value?.proposals.length === 0 && <p className="panel">{proposalWords.none}</p>}
      {value?.proposals.map((one) => (
        <ProposalCard
          key={`${one.task.id} ${one.task.meta?.versionId}`}
          proposal={one}
          names={value.names}
          writing={writing}
          withChild={patientId === undefined}
        />
      ))}
      {child?.planId !== undefined && (
        <>
          <NewProposal child={child} writing={writing} />
          <details className="panel">
            <summary>{meetingWords.title}</summary>
            <MeetingForm child={child} planId={child.planId} writing={writing} />
          </details>
        </>
      )}
    </section>
  );
}
