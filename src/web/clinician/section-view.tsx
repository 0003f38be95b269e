import type { Attribution, PlanSection, SectionLine } from '../../fhir/plan-view.ts';
import { dayText } from '../shared/dates.ts';
import { achievementText, statusText, words } from '../shared/words.ts';
import { SaidBy } from './lines.tsx';
import { page, withDays } from './page-words.ts';

interface SectionViewProps {
  section: PlanSection;
  /** What is closed is shown too. */
  all: boolean;
  /** Folded until somebody opens it: it says again what stands above in another order. */
  folded?: boolean;
}

/** The id that jump links lead to. */
export const anchorOf = (code: string) => `section-${code}`;

/** One section of the plan, as `planView` made it; opens and closes by keyboard. */
export function SectionView({ section, all, folded = false }: SectionViewProps) {
  const count = linesOf(section).filter(({ open }) => open).length;
  const id = anchorOf(section.code);
  return (
    <section className={folded ? 'panel again' : 'panel'} id={id} aria-labelledby={`${id}-title`}>
      <details open={!folded}>
        <summary>
          <h2 id={`${id}-title`}>{section.title}</h2>
          <span className="work">{page.count(count)}</span>
        </summary>
        <Content section={section} all={all} />
      </details>
    </section>
  );
}

function Content({ section: { lines, parts }, all }: { section: PlanSection; all: boolean }) {
  return (
    <>
      <Lines lines={lines} all={all} />
      {parts.map((part) => (
        <section key={part.code} className="part" aria-labelledby={`${anchorOf(part.code)}-title`}>
          <h3 id={`${anchorOf(part.code)}-title`}>{part.title}</h3>
          <Content section={part} all={all} />
        </section>
      ))}
    </>
  );
}

function Lines({ lines, all }: { lines: readonly SectionLine[]; all: boolean }) {
  const shown = lines.filter(({ open }) => all || open);
  const closed = lines.length - shown.length;
  return (
    <>
      {shown.length > 0 && (
        <ul className="lines columns">
          {shown.map((line) => (
            <LineItem key={`${line.references[0]} ${line.words}`} line={line} />
          ))}
        </ul>
      )}
      {closed > 0 && <p className="none">{words.closed(closed)}</p>}
    </>
  );
}

export function LineItem({ line, brief = false }: { line: SectionLine; brief?: boolean }) {
  const facts = line.facts.map((fact) => factText(fact));
  const classes = [!line.open && 'closed', line.said.length === 0 && 'computed'].filter(Boolean).join(' ');
  return (
    <li className={classes || undefined}>
      {line.doNot && <strong className="do-not">{words.doNot} </strong>}
      {line.quoted ? <q className="own-words">{line.words}</q> : <span>{withDays(line.words, dayText)}</span>}
      {facts.length > 0 && (
        <ul className="facts">
          {facts.map((fact, place) => (
            <li key={fact} className={fact.startsWith('EXPIRED') ? 'late' : undefined}>
              {place > 0 && ' · '}
              {fact}
            </li>
          ))}
        </ul>
      )}
      {!brief && line.said.map((said) => <Said key={JSON.stringify(said)} said={said} />)}
    </li>
  );
}

function Said({ said }: { said: Attribution }) {
  return (
    <>
      <SaidBy said={said} />
      {said.status && <span className="source">{statusText(said.status)}</span>}
    </>
  );
}

/** A code in words, days as people write them; anything else as it stands. */
function factText(fact: string): string {
  const words = statusText(fact);
  return withDays(words === fact ? (achievementText(fact) ?? fact) : words, dayText);
}

function linesOf({ lines, parts }: PlanSection): SectionLine[] {
  return [...lines, ...parts.flatMap(linesOf)];
}
