import { type ReactNode, useId } from 'react';
import type { ActionLine, GoalLine, Line, ProblemView, ReferralLine } from '../../fhir/plan-view.ts';
import { ActionItem, GoalItem, ReferralItem, SourceNote } from './lines.tsx';

/** One problem: who says so, and its goals, actions and referrals. Opens and closes by keyboard. */
export function ProblemSection({ problem, all }: { problem: ProblemView; all: boolean }) {
  return (
    <details className="problem" open>
      <summary>
        <h3>{problem.title}</h3>
        {!problem.active && <span className="badge quiet">Not active</span>}
      </summary>
      <ul className="said-by" aria-label="Recorded by">
        {problem.members.map((member) => (
          <li key={member.reference}>
            {member.text !== problem.title && `${member.text} `}
            <SourceNote line={member} />
          </li>
        ))}
      </ul>
      <Strands {...problem} all={all} />
    </details>
  );
}

interface StrandLists {
  goals: readonly GoalLine[];
  actions: readonly ActionLine[];
  referrals: readonly ReferralLine[];
  all: boolean;
}

/** Goals, actions and referrals side by side; closed ones are counted and shown on request, never just left out. */
export function Strands({ goals, actions, referrals, all }: StrandLists) {
  return (
    <div className="strands">
      <Strand
        title="Goals"
        none="No goal yet."
        lines={goals}
        all={all}
        item={(goal) => <GoalItem key={goal.reference} goal={goal} />}
      />
      <Strand
        title="Actions"
        none="No action yet."
        lines={actions}
        all={all}
        item={(action) => <ActionItem key={action.reference} action={action} />}
      />
      <Strand
        title="Referrals"
        none="No referral yet."
        lines={referrals}
        all={all}
        item={(referral) => <ReferralItem key={referral.reference} referral={referral} />}
      />
    </div>
  );
}

interface StrandProps<T extends Line> {
  title: string;
  none: string;
  lines: readonly T[];
  all: boolean;
  item: (line: T) => ReactNode;
}

function Strand<T extends Line>({ title, none, lines, all, item }: StrandProps<T>) {
  const id = useId();
  const shown = lines.filter((line) => all || line.open);
  const closed = lines.length - shown.length;
  return (
    <section className="strand" aria-labelledby={id}>
      <h4 id={id}>{title}</h4>
      {lines.length === 0 && <p className="none">{none}</p>}
      <ul className="lines">{shown.map(item)}</ul>
      {closed > 0 && <p className="none">{closed} closed</p>}
    </section>
  );
}
