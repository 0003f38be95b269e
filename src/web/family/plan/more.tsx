import type { PlanSection, SectionLine } from '../../../fhir/plan-view.ts';
import { useFamily, useWords } from '../family.ts';

/** The other sections of the plan's document, folded. Those that have a place of their own on these pages are left out. */
export function More() {
  const { words, day } = useWords();
  const { view } = useFamily();
  const sections = allOf(view.sections).filter(({ code, lines }) => words.sections[code] && lines.length > 0);
  const { last, due } = view.review;
  return (
    <section className="card" aria-labelledby="more">
      <h2 id="more">{words.plan.more}</h2>
      <p className="soft">{words.asWritten}</p>
      {sections.map((section) => (
        <details key={section.code}>
          <summary>
            <h3>{words.sections[section.code]}</h3>
          </summary>
          <ul className="lines">
            {section.lines.map((line) => (
              <SectionItem key={`${line.references.join(' ')} ${line.words}`} line={line} />
            ))}
          </ul>
        </details>
      ))}
      <p className="soft">
        {[last && words.plan.reviewed(day(last)), due && words.plan.next(day(due))].filter(Boolean).join(' ')}
      </p>
    </section>
  );
}

/** Words as they were written, with who said them. */
function SectionItem({ line }: { line: SectionLine }) {
  const { words, day } = useWords();
  const facts = line.facts.map((fact) => words.task[fact] ?? fact);
  const said = line.said.map(({ who, when }) => [who, day(when)].filter(Boolean).join(', '));
  return (
    <li>
      {line.doNot && <strong className="late">{words.plan.doNot} </strong>}
      {line.quoted ? <q>{line.words}</q> : line.words}
      {facts.length > 0 && <span>: {facts.join(', ')}</span>}
      {said.length > 0 && <p className="soft">{[...new Set(said)].join('; ')}</p>}
    </li>
  );
}

function allOf(sections: readonly PlanSection[]): PlanSection[] {
  return sections.flatMap((one) => [one, ...allOf(one.parts)]);
}
