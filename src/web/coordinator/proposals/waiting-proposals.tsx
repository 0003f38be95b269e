import { useAnswer } from '../../shared/use-answer.ts';
import { useDesk } from '../desk.ts';
import { Reading, Said, TroubleNote } from '../states.tsx';
import { useWrite } from '../use-write.ts';
import { proposalWords } from '../words.ts';
import { ProposalCard } from './proposal-card.tsx';
import { readProposals } from './read-proposals.ts';

/** Proposals that wait for an answer: of all children the reader sees, or of one. */
export function WaitingProposals({ patientId }: { patientId?: string }) {
  const { client } = useDesk();
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
    </section>
  );
}
