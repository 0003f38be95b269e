import { useState } from 'react';
import type { ReferralLine, ReferralState } from '../../../fhir/plan-view.ts';
import { parameter, parameters } from '../../shared/parameters.ts';
import { useFamily, useWords } from '../family.ts';
import { may } from '../may.ts';
import { Saying, useWriting, WordsField } from '../writing.tsx';

/** Whether somebody is asked only the server knows: a family is seldom told the Task. */
const maybeAsked: ReadonlySet<ReferralState> = new Set([
  'requested',
  'sent',
  'seen',
  'accepted',
  'in-progress',
  'on-hold',
]);

/** A referral that the family does not want any more (`ServiceRequest/[id]/$withdraw`), with the reason; whoever does it confirms. */
export function Withdraw({ line }: { line: ReferralLine }) {
  const { words } = useWords();
  const { tell, session } = useFamily();
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const writing = useWriting();
  if (!line.open || !maybeAsked.has(line.state) || !may(session, 'Task', 'u')) return null;
  if (!isOpen) {
    return (
      <button
        type="button"
        className="plain"
        aria-label={words.plan.withdrawOf(line.text)}
        onClick={() => setOpen(true)}
      >
        {words.plan.withdraw}
      </button>
    );
  }
  const send = async () => {
    const resource = parameters(...parameter('valueString', 'reason', reason.trim()));
    const request = { method: 'POST' as const, url: `${line.reference}/$withdraw`, resource };
    if (await writing.send(request, () => tell(words.plan.withdrawn))) setOpen(false);
  };
  return (
    <Saying writing={writing} send={words.plan.withdrawSend} onSend={send} cancel={() => setOpen(false)}>
      <WordsField label={words.plan.withdrawWhy} value={reason} onChange={setReason} />
    </Saying>
  );
}
