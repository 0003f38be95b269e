import { dayText } from '../../shared/dates.ts';
import type { Answer, FhirClient } from '../../shared/fhir-client.ts';
import { type Names, readNames } from '../../shared/names.ts';
import { type Parts, partsOf } from '../../shared/parameters.ts';
import { useAnswer } from '../../shared/use-answer.ts';
import { useDesk } from '../desk.ts';
import { Reading, TroubleNote } from '../states.tsx';
import { teamWords } from '../words.ts';
import type { PartProps } from './child-page.tsx';

/** Who looks after the child now, and who came and went. */
export function TeamTab({ child }: PartProps) {
  const { client } = useDesk();
  const teamId = child.team?.id;
  const { value, trouble, isLoading, reload } = useAnswer(teamId ?? '', () => readTimeline(client, teamId));
  if (teamId === undefined) return <p className="panel">{teamWords.none}</p>;
  return (
    <section aria-labelledby="team-title">
      <h2 id="team-title">{teamWords.title}</h2>
      {isLoading && !value && <Reading />}
      {trouble && <TroubleNote trouble={trouble} retry={reload} />}
      {value && (
        <>
          <div className="panel">
            <h3>{teamWords.now}</h3>
            <ul className="lines">
              {presentIn(value.events).map((event) => (
                <Event key={keyOf(event)} event={event} names={value.names} />
              ))}
            </ul>
          </div>
          <div className="panel">
            <h3>{teamWords.history}</h3>
            <ul className="lines">
              {value.events.toReversed().map((event) => (
                <Event
                  key={`${event.text('kind')} ${event.text('at')} ${keyOf(event)}`}
                  event={event}
                  names={value.names}
                  isHistory
                />
              ))}
            </ul>
          </div>
        </>
      )}
    </section>
  );
}

async function readTimeline(
  client: FhirClient,
  teamId: string | undefined,
): Promise<Answer<{ events: Parts[]; names: Names }>> {
  if (teamId === undefined) return { ok: true, value: { events: [], names: new Map() } };
  const answer = await client.get(`CareTeam/${teamId}/$timeline`);
  if (!answer.ok) return answer;
  const events = partsOf(answer.value).all('event');
  return {
    ok: true,
    value: {
      events,
      names: await readNames(
        client,
        events.map((event) => event.text('member')),
      ),
    },
  };
}

const keyOf = (event: Parts) => `${event.text('member') ?? event.words('member')} ${event.words('role')}`;

/** Whose last coming no going has followed; an event of leaving that lies ahead has not happened yet. */
function presentIn(events: readonly Parts[]): Parts[] {
  const now = new Date().toISOString();
  const present = new Map<string, Parts>();
  for (const event of events) {
    if ((event.text('at') ?? '') > now) continue;
    if (event.text('kind') === 'joined') present.set(keyOf(event), event);
    else present.delete(keyOf(event));
  }
  return [...present.values()];
}

function Event({ event, names, isHistory }: { event: Parts; names: Names; isHistory?: boolean }) {
  const name = names.get(event.text('member') ?? '') ?? event.words('member') ?? teamWords.somebody;
  const at = dayText(event.text('at'));
  const kind = event.text('kind') === 'left' ? teamWords.left : teamWords.joined;
  return (
    <li>
      <strong>{name}</strong> {event.is('lead') && <span className="badge">{teamWords.lead}</span>}{' '}
      {event.is('primaryCare') && <span className="badge">{teamWords.primaryCare}</span>}
      <span className="source">
        {[event.words('role'), at === '' ? teamWords.always : isHistory ? `${kind} ${at}` : teamWords.since(at)]
          .filter(Boolean)
          .join(' · ')}
      </span>
    </li>
  );
}
