import { useId } from 'react';
import { dayText } from '../../shared/dates.ts';
import { choiceText, reconcileWords } from '../words.ts';
import type { Choice, Member, Row } from './read-rows.ts';

interface Named {
  reference: string;
  text: string;
}

interface RowCardProps {
  row: Row;
  goals: readonly Named[];
  owners: readonly Named[];
  choice: Choice | undefined;
  choose: (choice: Choice | undefined) => void;
}

/** One question: what each place says, next to each other, and what may be decided. */
export function RowCard({ row, goals, owners, choice, choose }: RowCardProps) {
  const id = useId();
  const set = (more: Partial<Choice>) => choose({ choice: '', ...choice, ...more });
  return (
    <article className={`panel row kind-${row.kind}`} aria-labelledby={`${id}-title`}>
      <h3 id={`${id}-title`}>
        <span className="badge kind">{reconcileWords.kinds[row.kind] ?? row.kind}</span>{' '}
        {reconcileWords.abouts[row.about] ?? row.about}
      </h3>
      {row.why.map((why) => (
        <p key={why}>{why}</p>
      ))}
      <ul className="sides">
        {row.members.map((member) => (
          <Side key={member.record} member={member} />
        ))}
      </ul>
      <fieldset className="choices">
        <legend>{reconcileWords.decide}</legend>
        {row.choices.map((one) => (
          <label key={one} className="toggle">
            <input
              type="radio"
              name={id}
              checked={choice?.choice === one}
              onChange={() => choose({ choice: one, reason: choice?.reason })}
            />{' '}
            {choiceText(one, row.members.length)}
            {one === row.suggested && <span className="none"> ({reconcileWords.suggested})</span>}
          </label>
        ))}
        {choice && (
          <button type="button" className="plain" onClick={() => choose(undefined)}>
            {reconcileWords.later}
          </button>
        )}
      </fieldset>
      {choice && (
        <div className="details">
          {(choice.choice === 'same' || choice.choice === 'keep-one') && row.members.length > 1 && (
            <Picks
              legend={reconcileWords.keep}
              members={row.members}
              isPicked={(record) => choice.keep === record}
              pick={(record) => set({ keep: record })}
              name={`${id}-keep`}
            />
          )}
          {choice.choice === 'drop' && row.members.length > 1 && (
            <Picks
              legend={reconcileWords.drop}
              members={row.members}
              isPicked={(record) => choice.drop?.includes(record) === true}
              pick={(record, on) =>
                set({ drop: [...(choice.drop ?? []).filter((one) => one !== record), ...(on ? [record] : [])] })
              }
            />
          )}
          {choice.choice === 'link-goal' && (
            <Select
              label={reconcileWords.goal}
              options={goals}
              value={choice.goal}
              pick={(goal) => set({ goal })}
              none={reconcileWords.noGoal}
            />
          )}
          {choice.choice === 'assign-owner' && (
            <Select
              label={reconcileWords.owner}
              options={owners}
              value={choice.owner}
              pick={(owner) => set({ owner })}
              none={reconcileWords.noOwner}
            />
          )}
          <label htmlFor={`${id}-reason`}>{reconcileWords.reason}</label>
          <textarea
            id={`${id}-reason`}
            rows={2}
            value={choice.reason ?? ''}
            onChange={({ target }) => set({ reason: target.value })}
          />
        </div>
      )}
    </article>
  );
}

function Side({ member: { text, source, isMirrored, date } }: { member: Member }) {
  return (
    <li>
      <span className="side-text">{text}</span>
      <span className="source">
        {isMirrored ? reconcileWords.sentBy(source) : source}
        {date !== undefined && `, ${dayText(date)}`}
      </span>
    </li>
  );
}

interface PicksProps {
  legend: string;
  members: readonly Member[];
  isPicked: (record: string) => boolean;
  pick: (record: string, on: boolean) => void;
  /** Of radio buttons; absent: any number. */
  name?: string;
}

function Picks({ legend, members, isPicked, pick, name }: PicksProps) {
  return (
    <fieldset>
      <legend>{legend}</legend>
      {members.map(({ record, text, source }) => (
        <label key={record} className="toggle">
          <input
            type={name === undefined ? 'checkbox' : 'radio'}
            name={name}
            checked={isPicked(record)}
            onChange={({ target }) => pick(record, target.checked)}
          />{' '}
          {text} <span className="none">({source})</span>
        </label>
      ))}
    </fieldset>
  );
}

interface SelectProps {
  label: string;
  options: readonly Named[];
  value: string | undefined;
  pick: (reference: string) => void;
  none: string;
}

function Select({ label, options, value, pick, none }: SelectProps) {
  const id = useId();
  if (options.length === 0) return <p className="none">{none}</p>;
  return (
    <p>
      <label htmlFor={id}>{label}</label>{' '}
      <select id={id} value={value ?? ''} onChange={({ target }) => pick(target.value)}>
        <option value="">{reconcileWords.choose}</option>
        {options.map(({ reference, text }) => (
          <option key={reference} value={reference}>
            {text}
          </option>
        ))}
      </select>
    </p>
  );
}
