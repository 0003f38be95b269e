import { useState } from 'react';
import { isOfType } from '../../../fhir/of-type.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { Answer, FhirClient, Trouble } from '../../shared/fhir-client.ts';
import { Narrative } from '../../shared/narrative.tsx';
import { useAnswer } from '../../shared/use-answer.ts';
import { useDesk } from '../desk.ts';
import { Reading, TroubleNote } from '../states.tsx';
import { planWords, words } from '../words.ts';
import type { PartProps } from './child-page.tsx';

/** The shared plan as its document has it: made by the server of what this reader may see, now. */
export function PlanTab({ child, changed }: PartProps) {
  return child.planId === undefined ? <NoPlan child={child} changed={changed} /> : <Plan planId={child.planId} />;
}

function Plan({ planId }: { planId: string }) {
  const { client } = useDesk();
  const { value, trouble, isLoading, reload } = useAnswer(planId, () => readDocument(client, planId));
  return (
    <>
      {isLoading && !value && <Reading />}
      {trouble && <TroubleNote trouble={trouble} retry={reload} />}
      {value?.section?.map((section) => (
        <Section key={keyOf(section)} section={section} level={2} />
      ))}
    </>
  );
}

async function readDocument(client: FhirClient, planId: string): Promise<Answer<r4.Composition>> {
  const answer = await client.get(`CarePlan/${planId}/$document`);
  if (!answer.ok) return answer;
  const bundle = answer.value as r4.Bundle | undefined;
  const first = bundle?.entry?.[0]?.resource;
  const composition = first && ({ ...first } as Resource);
  if (isOfType(composition, 'Composition')) return { ok: true, value: composition };
  return { ok: false, trouble: { kind: 'unreachable', sentence: '' } };
}

const keyOf = ({ code, title }: r4.CompositionSection) => code?.coding?.[0]?.code ?? title ?? '';

function Section({ section, level }: { section: r4.CompositionSection; level: 2 | 3 }) {
  const Heading = `h${level}` as const;
  return (
    <section className={level === 2 ? `panel section-${keyOf(section)}` : undefined}>
      <Heading>{section.title}</Heading>
      {section.text && <Narrative div={section.text.div} />}
      {section.section?.map((inner) => (
        <Section key={keyOf(inner)} section={inner} level={3} />
      ))}
    </section>
  );
}

/** A child without a shared plan: one can be composed of what hospitals and the family have said. */
function NoPlan({ child, changed }: PartProps) {
  const { client } = useDesk();
  const [trouble, setTrouble] = useState<Trouble>();
  const [isWriting, setWriting] = useState(false);
  async function compose() {
    setWriting(true);
    const url = `Patient/${child.patient.id}/$compose-shared-plan`;
    const [answer] = await client.ask([{ method: 'POST', url, resource: { resourceType: 'Parameters' } }]);
    setWriting(false);
    setTrouble(answer?.ok === false ? answer.trouble : undefined);
    if (answer?.ok) await changed();
  }
  return (
    <section className="panel">
      <h2>{planWords.noPlan}</h2>
      <p>{planWords.noPlanHelp}</p>
      {trouble && <TroubleNote trouble={trouble} />}
      <button type="button" className="main-action" onClick={compose} disabled={isWriting}>
        {isWriting ? words.writing : planWords.compose}
      </button>
    </section>
  );
}
