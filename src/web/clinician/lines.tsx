import type { ReactNode } from 'react';
import type { ActionLine, Attribution, GoalLine, HospitalPlan, Line, ReferralLine } from '../../fhir/plan-view.ts';
import { dayText } from '../shared/dates.ts';
import {
  acceptanceWords,
  achievementText,
  periodText,
  referralText,
  sourceText,
  statusText,
  words,
} from '../shared/words.ts';

/** Who said it and when: stands beside every value. */
export function SourceNote({ line }: { line: Pick<Line, 'source' | 'date' | 'said'> }) {
  const { source, date, said } = line;
  return <SaidBy said={said ?? { kind: source.kind, who: source.label, ...(date !== undefined && { when: date }) }} />;
}

/** The same of an attribution: who says it, when, who wrote it down and for whom. */
export function SaidBy({ said: { kind, who, when, writtenBy, forWhom } }: { said: Attribution }) {
  const day = dayText(when);
  const written = [writtenBy && words.writtenBy(writtenBy), forWhom && words.forWhom(forWhom)]
    .filter(Boolean)
    .join(' ');
  return (
    <span className={`source from-${kind}`}>
      {sourceText({ kind, label: who })}, {day ? <time dateTime={when}>{day}</time> : words.noDate}
      {written && `, ${written}`}
    </span>
  );
}

/** A goal as it was said. `brief`: the words, who and when, for the head of the page. */
export function GoalItem({ goal, today, brief }: { goal: GoalLine; today: string; brief?: boolean }) {
  const speaker = goal.fromFamily && goal.speaker && !goal.source.label.startsWith(goal.speaker);
  return (
    <li>
      {goal.fromFamily ? <q className="own-words">{goal.text}</q> : <span>{goal.text}</span>}
      {speaker && <span className="speaker"> — {goal.speaker}</span>}
      <Unavailable line={goal} />
      {!brief && (
        <Facts
          facts={[
            statusText(goal.status),
            achievementText(goal.achievement),
            goal.acceptance && acceptanceWords[goal.acceptance],
            ...goal.targets,
            dueFact(goal, today),
          ]}
        />
      )}
      <SourceNote line={goal} />
    </li>
  );
}

export function ActionItem({ action, today }: { action: ActionLine; today: string }) {
  return (
    <li>
      <span>{action.text}</span>
      <Unavailable line={action} />
      <Facts
        facts={[<Responsible key="who" name={action.owner} />, statusText(action.status), dueFact(action, today)]}
      />
      <SourceNote line={action} />
    </li>
  );
}

/** `brief`: what it is, where it stands and when it is due. */
export function ReferralItem({ referral, today, brief }: { referral: ReferralLine; today: string; brief?: boolean }) {
  return (
    <li>
      {referral.doNotPerform && <strong className="do-not">{words.doNot} </strong>}
      <span>{referral.text}</span> <span className={`badge state-${referral.state}`}>{referralText(referral)}</span>
      <Unavailable line={referral} />
      <Facts
        facts={[
          <Responsible key="who" name={referral.performer} />,
          !brief && referral.requester && words.askedBy(referral.requester),
          dueFact(referral, today),
        ]}
      />
      {!brief && <SourceNote line={referral} />}
    </li>
  );
}

export function HospitalPlanItem({ plan }: { plan: HospitalPlan }) {
  // A narrative often begins with the title, which stands above it already.
  const text = plan.text.startsWith(`${plan.title}\n`) ? plan.text.slice(plan.title.length + 1) : plan.text;
  return (
    <li>
      <span>{plan.title}</span>
      <Facts facts={[statusText(plan.status), plan.period && periodText(plan.period)]} />
      {text !== plan.title && <p className="narrative">{text}</p>}
      <SourceNote line={plan} />
    </li>
  );
}

function Unavailable({ line }: { line: Line }) {
  return line.unavailable ? <span className="badge quiet">{words.unavailable}</span> : null;
}

function Responsible({ name }: { name: string | undefined }) {
  return name ? <strong>{words.responsible(name)}</strong> : <em className="missing">{words.nobodyResponsible}</em>;
}

/** A calendar day, compared as one; only what is still open can be late. */
function dueFact(line: Line & { due?: string }, today: string): ReactNode {
  const day = dayText(line.due);
  if (!line.due || !day) return undefined;
  const late = line.open && line.due.slice(0, 10) < today.slice(0, line.due.length);
  return late ? (
    <strong key="due" className="late">
      {words.overdue(day)}
    </strong>
  ) : (
    words.due(day)
  );
}

function Facts({ facts }: { facts: readonly (ReactNode | undefined | false)[] }) {
  const shown = facts.filter((fact) => fact !== undefined && fact !== false && fact !== '');
  return (
    <ul className="facts">
      {shown.map((fact, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the facts of a line have no identity but their place
        <li key={place}>
          {place > 0 && ' · '}
          {fact}
        </li>
      ))}
    </ul>
  );
}
