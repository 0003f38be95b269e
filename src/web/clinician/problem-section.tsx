import type { ReactNode } from 'react';
import type { ActionLine, GoalLine, Line, ProblemView, ReferralLine } from '../../fhir/plan-view.ts';
import { statusText, words, workText } from '../shared/words.ts';
import { ActionItem, GoalItem, ReferralItem, SourceNote } from './lines.tsx';

/** One problem: who says so, and its goals, actions and referrals. Opens and closes by keyboard. */
export function ProblemSection({ problem, all, today }: { problem: ProblemView; all: boolean; today: string }) {
  const open = (lines: readonly Line[]) => lines.filter((line) => line.open).length;
  const counts = { goals: open(problem.goals), actions: open(problem.actions), referrals: open(problem.referrals) };
  return (
    <details className="problem" open>
      <summary>
        <h3>{problem.title}</h3>
        {!problem.active && <span className="badge quiet">{words.notActive}</span>}
        <span className="work">{workText(counts)}</span>
      </summary>
      <Members problem={problem} />
      <Strands {...problem} all={all} today={today} />
    </details>
  );
}

/** Every source's own line, side by side; where they do not agree, it is said. */
function Members({ problem: { members, title } }: { problem: ProblemView }) {
  const differ = new Set(members.map(({ status }) => status)).size > 1;
  return (
    <>
      {differ && <p className="badge differ">{words.sourcesDiffer}</p>}
      <ul className="said-by" aria-label={words.recordedBy}>
        {members.map((member) => (
          <li key={member.reference}>
            {[member.text !== title && member.text, statusText(member.status)].filter(Boolean).join(': ')}
            <SourceNote line={member} />
          </li>
        ))}
      </ul>
    </>
  );
}

interface StrandLists {
  goals: readonly GoalLine[];
  actions: readonly ActionLine[];
  referrals: readonly ReferralLine[];
  all: boolean;
  today: string;
}

/** Goals, actions and referrals side by side; closed ones are counted and shown on request, never just left out. */
export function Strands({ goals, actions, referrals, all, today }: StrandLists) {
  return (
    <div className="strands">
      <Strand
        title={words.goals}
        none={words.noGoals}
        lines={goals}
        all={all}
        item={(goal) => <GoalItem key={goal.reference} goal={goal} today={today} />}
      />
      <Strand
        title={words.actions}
        none={words.noActions}
        lines={actions}
        all={all}
        item={(action) => <ActionItem key={action.reference} action={action} today={today} />}
      />
      <Strand
        title={words.referrals}
        none={words.noReferrals}
        lines={referrals}
        all={all}
        item={(referral) => <ReferralItem key={referral.reference} referral={referral} today={today} />}
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
  // What cannot be read has no state that could be closed: it is always said.
  const shown = lines.filter((line) => all || line.open || line.unavailable);
  const closed = lines.length - shown.length;
  return (
    <div className="strand">
      <h4>{title}</h4>
      {lines.length === 0 && <p className="none">{none}</p>}
      {shown.length > 0 && <ul className="lines">{shown.map(item)}</ul>}
      {closed > 0 && <p className="none">{words.closed(closed)}</p>}
    </div>
  );
}
