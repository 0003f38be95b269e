import { useId, useState } from 'react';
import { type Level, levelIn, scaleUrl } from '../../../fhir/goal-scale.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { Parts } from '../../shared/parameters.ts';
import { useFamily, useWords } from '../family.ts';
import { may } from '../may.ts';
import { Saying, useWriting } from '../writing.tsx';
import { scoreOf, voiceCodes } from './score.ts';

interface OneLevel {
  level: Level;
  text: string;
  coding: r4.Coding;
}

interface Said {
  voice: string;
  level: number | undefined;
  date: string | undefined;
}

/** How far a goal has come, as a ladder: every level in words, the best on top, and beside it who finds it there. */
export function Scale({ goal, attainment }: { goal: Resource & r4.Goal; attainment: Parts | undefined }) {
  const { words, day } = useWords();
  const levels = levelsOf(goal);
  if (levels.length === 0) return null;
  const scores = (attainment?.all('score') ?? []).map(
    (one): Said => ({ voice: one.text('voice') ?? '', level: one.number('level'), date: one.text('date') }),
  );
  const suggests = attainment?.text('suggests');
  return (
    <section className="scale" aria-label={words.goals.scale}>
      <h4>{words.goals.scale}</h4>
      <ol className="ladder">
        {levels.map(({ level, text }) => {
          const here = scores.filter((one) => one.level === level);
          return (
            <li key={level} className={here.length > 0 ? 'rung here' : 'rung'}>
              <Rung level={level} isHere={here.length > 0} />
              <span>
                {level === 0 && <strong>{words.goals.levels['0']}: </strong>}
                {text}
                {here.map(({ voice, date }) => (
                  <span key={voice} className="voice">
                    {words.goals.voiceAt(words.goals.voices[voice] ?? voice, day(date))}
                  </span>
                ))}
              </span>
            </li>
          );
        })}
      </ol>
      <p className="soft">{scores.length === 0 ? words.goals.noScores : suggests && words.goals.suggests[suggests]}</p>
      <ScoreIt goal={goal} levels={levels} />
    </section>
  );
}

/** A bar that grows with the level; a filled one is where somebody finds the goal. The words beside it say the same. */
function Rung({ level, isHere }: { level: Level; isHere: boolean }) {
  const width = 12 + (level + 2) * 9;
  return (
    <svg className="rung-bar" width="48" height="16" viewBox="0 0 48 16" aria-hidden="true">
      <rect x="0.75" y="2.75" width={width - 1.5} height="10.5" rx="3" className={isHere ? 'bar filled' : 'bar'} />
    </svg>
  );
}

function levelsOf(goal: r4.Goal): OneLevel[] {
  return (goal.extension ?? [])
    .filter(({ url }) => url === scaleUrl)
    .flatMap(({ extension }) => {
      const coding = extension?.find(({ url }) => url === 'level')?.valueCoding;
      const level = coding && levelIn([coding]);
      const text = extension?.find(({ url }) => url === 'progressText')?.valueString ?? '';
      return coding && level !== undefined ? [{ level, text, coding }] : [];
    })
    .sort((a, b) => b.level - a.level);
}

/** The reader says how it is today: a score in the voice of a caregiver, or of the young person. */
function ScoreIt({ goal, levels }: { goal: Resource & r4.Goal; levels: readonly OneLevel[] }) {
  const { words } = useWords();
  const { me, session, today, tell } = useFamily();
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState<OneLevel>();
  const writing = useWriting();
  const group = useId();
  const code = me && voiceCodes[me.split('/')[0] ?? ''];
  if (me === undefined || code === undefined || !may(session, 'Observation', 'c')) return null;
  if (!isOpen) {
    return (
      <p className="actions">
        <button type="button" onClick={() => setOpen(true)}>
          {words.goals.score}
        </button>
      </p>
    );
  }
  const send = async () => {
    if (!chosen) return;
    const resource = scoreOf({ goal, me, code, coding: chosen.coding, today });
    const arrived = await writing.send({ method: 'POST', url: 'Observation', resource }, () =>
      tell(words.goals.scored),
    );
    if (arrived) setOpen(false);
  };
  return (
    <Saying writing={writing} send={words.goals.sendScore} onSend={send} cancel={() => setOpen(false)}>
      <fieldset className="choices">
        <legend>{words.goals.score}</legend>
        {levels.map((one) => (
          <label key={one.level} className="choice">
            <input
              type="radio"
              name={group}
              required
              checked={chosen?.level === one.level}
              onChange={() => setChosen(one)}
            />{' '}
            <span>
              {one.text} <span className="soft">{words.goals.levels[String(one.level)]}</span>
            </span>
          </label>
        ))}
      </fieldset>
    </Saying>
  );
}
