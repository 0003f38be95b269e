import { ofType } from '../../../fhir/of-type.ts';
import { canonicalBase } from '../../../fhir/shared-plan.ts';
import type { r4 } from '../../../fhir/types.ts';
import { useFamily, useWords } from '../family.ts';

const familyWordsUrl = `${canonicalBase}/StructureDefinition/scenario-family-words`;

/** What was proposed for the emergency plan, and what became of it; what was not taken stays with the reason. */
export function ProposedScenarios() {
  const { words, day } = useWords();
  const { resources } = useFamily();
  const proposed = ofType(resources, 'RequestGroup').filter(({ extension }) => wordsIn(extension) !== undefined);
  if (proposed.length === 0) return null;
  return (
    <section className="card" aria-labelledby="proposed">
      <h2 id="proposed">{words.emergency.proposedTitle}</h2>
      <ul className="lines">
        {proposed.map((group) => (
          <li key={group.id}>
            <q>{wordsIn(group.extension)}</q>{' '}
            <span className="badge">{words.emergency.states[group.status] ?? group.status}</span>
            <p className="soft">{day(group.authoredOn)}</p>
            {group.note?.map(({ text }) => (
              <p key={text} className="because">
                {text}
              </p>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}

function wordsIn(extensions: readonly r4.Extension[] | undefined): string | undefined {
  return extensions?.find(({ url }) => url === familyWordsUrl)?.valueString;
}
