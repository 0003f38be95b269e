import { type ReactNode, useId } from 'react';
import type { GoalLine, PlanSection, PlanView, ReferralLine, SectionCode, SectionLine } from '../../fhir/plan-view.ts';
import { words } from '../shared/words.ts';
import { GoalItem, ReferralItem } from './lines.tsx';
import { page } from './page-words.ts';
import { anchorOf, LineItem } from './section-view.tsx';

/** Lines of each kind that fit on one screen; of what could harm nothing is left out. */
const most = 3;

interface DigestProps {
  view: PlanView;
  today: string;
  /** Flags that stand elsewhere on the screen. */
  elsewhere: ReadonlySet<string>;
  /** Parts that are read by themselves: care management, the emergency plan. */
  parts: ReactNode;
}

/** What a primary care clinician has time for: one screen, made of the same sections that follow (S1.16). */
export function Digest({ view, today, elsewhere, parts }: DigestProps) {
  const missing = view.review.missing ?? [];
  return (
    <div className="digest">
      {parts}
      <Warnings view={view} elsewhere={elsewhere} />
      <FamilyGoals goals={view.familyGoals} today={today} />
      <Card title={page.openReferrals} none={page.noOpenReferrals} to="problems">
        {openReferrals(view)
          .filter(({ doNotPerform }) => !doNotPerform)
          .map((referral) => (
            <ReferralItem key={referral.reference} referral={referral} today={today} brief />
          ))}
      </Card>
      <Card title={page.clinicianGoals} none={page.noClinicianGoals} to={anchorOf('goals')}>
        {linesIn(view.sections, 'clinician-goals').map((line) => (
          <LineItem key={line.references[0] ?? line.words} line={line} brief />
        ))}
      </Card>
      {missing.length > 0 && (
        <section className="card missing-card" aria-labelledby="missing-title">
          <h3 id="missing-title">{page.missing}</h3>
          <ul className="bullets">
            {missing.map((one) => (
              <li key={one}>{sentence(one)}</li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

interface CardProps {
  title: string;
  none: string;
  /** Where the rest of it stands. */
  to: string;
  children: ReactNode[];
}

function Card({ title, none, to, children }: CardProps) {
  // The section that it is taken from has the same name.
  const id = useId();
  const rest = children.length - most;
  return (
    <section className="card" aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {children.length === 0 ? <p className="none">{none}</p> : <ul className="brief">{children.slice(0, most)}</ul>}
      {rest > 0 && (
        <p className="none">
          <a href={`#${to}`}>{page.more(rest)}</a>
        </p>
      )}
    </section>
  );
}

function FamilyGoals({ goals, today }: { goals: readonly GoalLine[]; today: string }) {
  return (
    <section className="card family-goals" aria-labelledby="family-title">
      <h3 id="family-title">{words.familyTitle}</h3>
      {goals.length === 0 && <p className="none">{words.noFamilyGoals}</p>}
      {goals.length > 0 && (
        <ul className="lines">
          {goals.map((goal) => (
            <GoalItem key={goal.reference} goal={goal} today={today} brief />
          ))}
        </ul>
      )}
    </section>
  );
}

/** All of them, and what must not be done: nobody may be harmed because a list was cut. */
function Warnings({ view, elsewhere }: Pick<DigestProps, 'view' | 'elsewhere'>) {
  const allergies = linesIn(view.sections, 'allergies');
  const flags = linesIn(view.sections, 'medical-summary').filter(
    ({ references }) => !references.some((reference) => elsewhere.has(reference)),
  );
  const forbidden = openReferrals(view).filter(({ doNotPerform }) => doNotPerform);
  const isWarning = allergies.length + flags.length + forbidden.length > 0;
  return (
    <section className={isWarning ? 'card warn' : 'card'} aria-labelledby="warnings-title">
      <h3 id="warnings-title">{page.warnings}</h3>
      <ul className="brief">
        {forbidden.map(({ reference, text }) => (
          <li key={reference}>
            <strong className="do-not">{words.doNot}</strong> {text}
          </li>
        ))}
        {/* With who says so: one hospital may know of an allergy where another has written that there is none. */}
        {[...allergies, ...flags].map((line) => (
          <LineItem key={line.references[0] ?? line.words} line={line} />
        ))}
      </ul>
      {allergies.length === 0 && <p className="none">{page.noAllergies}</p>}
    </section>
  );
}

function openReferrals({ problems, unlinked }: PlanView): ReferralLine[] {
  const all = [...problems, unlinked].flatMap(({ referrals }) => referrals).filter(({ open }) => open);
  return [...new Map(all.map((one) => [one.reference, one])).values()];
}

/** The open lines of a section, wherever it stands. */
export function linesIn(sections: readonly PlanSection[], code: SectionCode): SectionLine[] {
  for (const one of sections) {
    const found = one.code === code ? one.lines : linesIn(one.parts, code);
    if (found.length > 0) return found.filter(({ open }) => open);
  }
  return [];
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
