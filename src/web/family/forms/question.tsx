import { useId } from 'react';
import type { r4 } from '../../../fhir/types.ts';
import { useWords } from '../family.ts';
import type { Answer, Answers } from './form.ts';

interface QuestionProps {
  item: r4.QuestionnaireItem;
  answers: Answers;
  set: (linkId: string, answer: readonly Answer[]) => void;
}

/** One item of a form: a group of others, words to read, or a question with the control of its type. */
export function Question({ item, answers, set }: QuestionProps) {
  if (item.type === 'display') return <p>{item.text}</p>;
  if (item.type === 'group') {
    return (
      <fieldset className="choices group">
        {item.text && <legend>{item.text}</legend>}
        {item.item?.map((one) => (
          <Question key={one.linkId} item={one} answers={answers} set={set} />
        ))}
      </fieldset>
    );
  }
  const given = answers[item.linkId] ?? [];
  const change = (answer: readonly Answer[]) => set(item.linkId, answer);
  if (item.type === 'choice') return <Choice item={item} given={given} change={change} />;
  if (item.type === 'boolean') return <YesNo item={item} given={given} change={change} />;
  return <Field item={item} given={given} change={change} />;
}

interface ControlProps {
  item: r4.QuestionnaireItem;
  given: readonly Answer[];
  change: (answer: readonly Answer[]) => void;
}

function Choice({ item, given, change }: ControlProps) {
  const group = useId();
  const isGiven = (coding: r4.Coding) =>
    given.some(({ valueCoding }) => valueCoding?.system === coding.system && valueCoding?.code === coding.code);
  const toggle = (coding: r4.Coding, isOn: boolean) => {
    if (!item.repeats) return change([{ valueCoding: coding }]);
    const others = given.filter(({ valueCoding }) => valueCoding?.code !== coding.code);
    return change(isOn ? [...others, { valueCoding: coding }] : others);
  };
  return (
    <fieldset className="choices">
      <legend>
        {item.text} <Optional item={item} />
      </legend>
      {item.answerOption?.map(({ valueCoding }) =>
        valueCoding ? (
          <label key={`${valueCoding.system} ${valueCoding.code}`} className="choice">
            <input
              type={item.repeats ? 'checkbox' : 'radio'}
              name={group}
              required={item.required === true && !item.repeats}
              checked={isGiven(valueCoding)}
              onChange={(event) => toggle(valueCoding, event.target.checked)}
            />{' '}
            <span>{valueCoding.display ?? valueCoding.code}</span>
          </label>
        ) : null,
      )}
    </fieldset>
  );
}

function YesNo({ item, given, change }: ControlProps) {
  const { words } = useWords();
  const group = useId();
  return (
    <fieldset className="choices">
      <legend>
        {item.text} <Optional item={item} />
      </legend>
      {[true, false].map((value) => (
        <label key={String(value)} className="choice">
          <input
            type="radio"
            name={group}
            required={item.required === true}
            checked={given[0]?.valueBoolean === value}
            onChange={() => change([{ valueBoolean: value }])}
          />{' '}
          <span>{value ? words.forms.yes : words.forms.no}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Field({ item, given, change }: ControlProps) {
  const id = useId();
  const [answer] = given;
  const value = String(answer?.valueString ?? answer?.valueInteger ?? answer?.valueDate ?? '');
  const take = (text: string) => {
    if (text === '') return change([]);
    if (item.type === 'integer') return change([{ valueInteger: Number(text) }]);
    return change([item.type === 'date' ? { valueDate: text } : { valueString: text }]);
  };
  const shared = { id, value, required: item.required === true, maxLength: item.maxLength };
  const types: Readonly<Record<string, string>> = { integer: 'number', date: 'date' };
  return (
    <div className="field">
      <label htmlFor={id}>
        {item.text} <Optional item={item} />
      </label>
      {item.type === 'text' ? (
        <textarea rows={3} {...shared} onChange={(event) => take(event.target.value)} />
      ) : (
        <input type={types[item.type] ?? 'text'} {...shared} onChange={(event) => take(event.target.value)} />
      )}
    </div>
  );
}

function Optional({ item }: { item: r4.QuestionnaireItem }) {
  const { words, language } = useWords();
  return item.required ? null : (
    <em className="soft" lang={language}>
      ({words.optional})
    </em>
  );
}
