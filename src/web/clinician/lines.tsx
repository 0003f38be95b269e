import type { ActionLine, GoalLine, HospitalPlan, Line, ReferralLine } from '../../fhir/plan-view.ts';
import { dayText } from '../shared/dates.ts';
import { acceptanceWords, referralWords, statusText } from '../shared/words.ts';

/** Who said it and when: stands beside every value. */
export function SourceNote({ line }: { line: Pick<Line, 'source' | 'date'> }) {
  const date = dayText(line.date);
  return (
    <span className={`source from-${line.source.kind}`}>
      {line.source.label}
      {date ? `, ${date}` : ', no date'}
    </span>
  );
}

export function GoalItem({ goal }: { goal: GoalLine }) {
  return (
    <li>
      {goal.fromFamily ? <q className="own-words">{goal.text}</q> : <span>{goal.text}</span>}
      {goal.fromFamily && goal.speaker && <span className="speaker"> — {goal.speaker}</span>}
      <Facts
        facts={[
          statusText(goal.status),
          goal.achievement,
          goal.acceptance && acceptanceWords[goal.acceptance],
          ...goal.targets,
          goal.due && `by ${dayText(goal.due)}`,
        ]}
      />
      <SourceNote line={goal} />
    </li>
  );
}

export function ActionItem({ action }: { action: ActionLine }) {
  return (
    <li>
      <span>{action.text}</span>
      {action.unavailable && <span className="badge quiet">Cannot be shown</span>}
      <Facts
        facts={[
          action.owner ? `Responsible: ${action.owner}` : 'Nobody is responsible yet',
          statusText(action.status),
          action.due && `by ${dayText(action.due)}`,
        ]}
      />
      <SourceNote line={action} />
    </li>
  );
}

export function ReferralItem({ referral }: { referral: ReferralLine }) {
  return (
    <li>
      {referral.doNotPerform && <strong className="do-not">Do NOT: </strong>}
      <span>{referral.text}</span>
      <span className={`badge state-${referral.state}`}>{referralWords[referral.state]}</span>
      <Facts
        facts={[
          referral.performer ? `Responsible: ${referral.performer}` : 'Nobody has taken it yet',
          referral.requester && `asked by ${referral.requester}`,
          referral.due && `by ${dayText(referral.due)}`,
        ]}
      />
      <SourceNote line={referral} />
    </li>
  );
}

export function HospitalPlanItem({ plan }: { plan: HospitalPlan }) {
  return (
    <li>
      <span>{plan.title}</span>
      <Facts facts={[statusText(plan.status), plan.text === plan.title ? undefined : plan.text]} />
      <SourceNote line={plan} />
    </li>
  );
}

function Facts({ facts }: { facts: readonly (string | undefined | false)[] }) {
  const shown = facts.filter((fact) => typeof fact === 'string' && fact !== '');
  return <span className="facts">{shown.join(' · ')}</span>;
}
