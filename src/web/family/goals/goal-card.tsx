import { acceptancesOf, agreementOf } from '../../../fhir/goal-agreement.ts';
import { isMirror } from '../../../fhir/mirror.ts';
import { isOfType } from '../../../fhir/of-type.ts';
import type { GoalLine } from '../../../fhir/plan-view.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { Parts } from '../../shared/parameters.ts';
import { useFamily, useWords } from '../family.ts';
import { may } from '../may.ts';
import { AnswerGoal } from './answer-goal.tsx';
import { Scale } from './scale.tsx';

/** One goal: its words, who said them, who agrees, how far it has come; and the reader's own answer. */
export function GoalCard({ line, attainment }: { line: GoalLine; attainment: Parts | undefined }) {
  const { words, day } = useWords();
  const { resources } = useFamily();
  const goal = resources.find(({ resourceType, id }) => `${resourceType}/${id}` === line.reference);
  const achievement = line.achievement && (words.goals.achievement[line.achievement] ?? line.achievement);
  const facts = [
    words.goals.status[line.status] ?? line.status,
    achievement,
    line.due && words.goals.due(day(line.due)),
    ...line.targets,
  ];
  return (
    <article className={line.fromFamily ? 'card family' : 'card'}>
      <h3 className="own-words">{line.fromFamily ? <q>{line.text}</q> : line.text}</h3>
      <Translations goal={goal} />
      <p className="soft">
        {[line.speaker && words.goals.saidBy(line.speaker), day(line.date)].filter(Boolean).join(', ')}
      </p>
      <ul className="facts">
        {facts.filter(Boolean).map((fact) => (
          <li key={String(fact)}>{fact}</li>
        ))}
      </ul>
      {line.rejectedBecause && <p className="because">{words.goals.because(line.rejectedBecause)}</p>}
      {isOfType(goal, 'Goal') && <Agreement goal={goal} />}
      {isOfType(goal, 'Goal') && <Scale goal={goal} attainment={attainment} />}
      <Barriers attainment={attainment} />
      {isOfType(goal, 'Goal') && line.open && <Answer goal={goal} />}
    </article>
  );
}

function Answer({ goal }: { goal: Resource & r4.Goal }) {
  const { words } = useWords();
  const { me, session } = useFamily();
  if (isMirror(goal)) return <p className="soft">{words.goals.hospital}</p>;
  if (!may(session, 'Goal', 'u') || me === undefined) return null;
  const own = acceptancesOf(goal).find(({ who }) => who === me)?.answer;
  return <AnswerGoal reference={`Goal/${goal.id}`} own={own} />;
}

function Agreement({ goal }: { goal: r4.Goal }) {
  const { words } = useWords();
  const { family, clinicians, isNegotiated } = agreementOf(goal);
  if (isNegotiated) return <p className="agreed">{words.goals.negotiated}</p>;
  return (
    <ul className="facts">
      <li>
        {words.goals.family}: {words.goals.answers[family]}
      </li>
      <li>
        {words.goals.clinicians}: {words.goals.answers[clinicians]}
      </li>
    </ul>
  );
}

function Barriers({ attainment }: { attainment: Parts | undefined }) {
  const { words } = useWords();
  const barriers = attainment?.resources('barrier') ?? [];
  const texts = barriers.map((one) => one.valueString ?? conceptOf(one.valueCodeableConcept)).filter(Boolean);
  if (texts.length === 0) return null;
  return (
    <div>
      <h4>{words.goals.barriers}</h4>
      <ul>
        {texts.map((text) => (
          <li key={String(text)}>{String(text)}</li>
        ))}
      </ul>
    </div>
  );
}

function conceptOf(value: unknown): string | undefined {
  const { text, coding } = (value ?? {}) as { text?: string; coding?: { display?: string }[] };
  return text ?? coding?.find(({ display }) => display !== undefined)?.display;
}

const translationUrl = 'http://hl7.org/fhir/StructureDefinition/translation';

/** The goal in the reader's language, where somebody wrote a translation beside the words that were said. */
function Translations({ goal }: { goal: Resource | undefined }) {
  const { language } = useWords();
  if (!isOfType(goal, 'Goal')) return null;
  const { _text } = goal.description as { _text?: { extension?: r4.Extension[] } };
  const texts = (_text?.extension ?? [])
    .filter(({ url }) => url === translationUrl)
    .filter(({ extension }) =>
      extension?.some(({ url, valueCode }) => url === 'lang' && valueCode?.toLowerCase().split('-')[0] === language),
    )
    .flatMap(({ extension }) => extension?.find(({ url }) => url === 'content')?.valueString ?? []);
  return texts.map((text) => (
    <p key={text} className="translation" lang={language}>
      {text}
    </p>
  ));
}
