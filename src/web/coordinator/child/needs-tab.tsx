import type { Resource } from '../../../fhir/types.ts';
import { dayText } from '../../shared/dates.ts';
import type { Answer, FhirClient } from '../../shared/fhir-client.ts';
import { type Parts, partsOf } from '../../shared/parameters.ts';
import { useAnswer } from '../../shared/use-answer.ts';
import { Bars } from '../bars.tsx';
import { useDesk } from '../desk.ts';
import { Reading, TroubleNote } from '../states.tsx';
import { needsWords, stateText } from '../words.ts';
import type { PartProps } from './child-page.tsx';

/** The register of needs, how far each has come, and when to ask again. */
export function NeedsTab({ child }: PartProps) {
  const { client } = useDesk();
  const patientId = child.patient.id ?? '';
  const { value, trouble, isLoading, reload } = useAnswer(patientId, () => readNeeds(client, patientId));
  return (
    <section aria-labelledby="needs-title">
      <h2 id="needs-title">{needsWords.title}</h2>
      <p className="none">{needsWords.help}</p>
      {isLoading && !value && <Reading />}
      {trouble && <TroubleNote trouble={trouble} retry={reload} />}
      {value && (
        <>
          <Cascade needs={value.needs} />
          {value.needs.all('need').length === 0 && <p className="panel">{needsWords.none}</p>}
          {value.needs.all('need').map((need) => (
            <Need key={need.texts('condition').join(' ')} need={need} />
          ))}
          <Screens screens={value.needs.all('screen')} titles={value.titles} />
        </>
      )}
    </section>
  );
}

interface Read {
  needs: Parts;
  /** What the forms are called, by canonical. */
  titles: ReadonlyMap<string, string>;
}

async function readNeeds(client: FhirClient, patientId: string): Promise<Answer<Read>> {
  const answer = await client.get(`Patient/${patientId}/$needs`);
  if (!answer.ok) return answer;
  const needs = partsOf(answer.value);
  const forms = needs.all('screen').flatMap((screen) => screen.text('questionnaire') ?? []);
  const found = await client.ask(
    forms.map((url) => ({
      method: 'GET' as const,
      url: `Questionnaire?url=${encodeURIComponent(url)}&_elements=title,url`,
    })),
  );
  const titles = new Map<string, string>();
  for (const one of found) {
    const { entry = [] } = ((one.ok ? one.value : undefined) ?? {}) as { entry?: { resource?: Resource }[] };
    for (const { resource } of entry)
      if (typeof resource?.url === 'string' && typeof resource.title === 'string')
        titles.set(resource.url, resource.title);
  }
  return { ok: true, value: { needs, titles } };
}

const stages = ['positive', 'referred', 'accepted', 'served', 'resolved'];

function Cascade({ needs }: { needs: Parts }) {
  const [count] = needs.all('count');
  if (!count?.number('positive')) return null;
  const bars = stages.map((stage) => ({
    label: needsWords.counts[stage] ?? stage,
    value: count.number(stage) ?? 0,
    text: String(count.number(stage) ?? 0),
  }));
  return <Bars title={needsWords.plot} bars={bars} />;
}

function Need({ need }: { need: Parts }) {
  const state = need.text('state') ?? '';
  const stage = need.text('stage') ?? '';
  const since = dayText(need.text('since'));
  const facts = [
    since !== '' && needsWords.since(since),
    needsWords.stages[stage] ?? stage,
    !need.is('confirmed') && needsWords.unconfirmed,
  ];
  return (
    <article className="panel">
      <div className="line-head">
        <h3>{need.words('code') ?? need.text('domain') ?? needsWords.unnamed}</h3>
        <span className={state === 'open' ? 'badge late' : 'badge'}>{needsWords.states[state] ?? state}</span>
      </div>
      <p className="facts">{facts.filter(Boolean).join(' · ')}</p>
      {need.words('reason') !== undefined && <p>{needsWords.withdrawn(need.words('reason') ?? '')}</p>}
      <ul>
        {need.all('referral').map((referral) => (
          <li key={referral.text('task')}>{needsWords.referral(stateText(referral.text('state') ?? ''))}</li>
        ))}
      </ul>
    </article>
  );
}

function Screens({ screens, titles }: { screens: readonly Parts[]; titles: ReadonlyMap<string, string> }) {
  if (screens.length === 0) return null;
  return (
    <section className="panel">
      <h3>{needsWords.screens}</h3>
      <ul className="lines">
        {screens.map((screen) => {
          const form = screen.text('questionnaire') ?? '';
          const [last, due] = [dayText(screen.text('last')), dayText(screen.text('due'))];
          return (
            <li key={form}>
              {titles.get(form) ?? form.split('/').at(-1)}{' '}
              <span className="none">
                {last === '' ? needsWords.never : needsWords.last(last)}
                {due !== '' && `, ${needsWords.due(due)}`}
              </span>{' '}
              {screen.is('overdue') && <span className="badge late">{needsWords.overdue}</span>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
