import { useEffect, useState } from 'react';
import { isOfType, ofType } from '../../../fhir/of-type.ts';
import { closedTaskStates } from '../../../fhir/plan-view/actions.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import { useFamily, useWords } from '../family.ts';
import { may } from '../may.ts';
import { isAnswerable } from './form.ts';
import { FormSheet } from './form-sheet.tsx';

type Form = Resource & r4.Questionnaire;

/** Forms that a Task asks for, those that may be answered at any time, and what was answered. */
export function FormsPage() {
  const { words, day } = useWords();
  const { client, resources, session } = useFamily();
  const [forms, setForms] = useState<readonly Form[] | 'unread'>();
  const [open, setOpen] = useState<string>();
  useEffect(() => {
    let current = true;
    client.all('Questionnaire?status=active&_count=100').then((answer) => {
      if (current) setForms(answer.ok ? ofType(answer.value, 'Questionnaire').filter(isAnswerable) : 'unread');
    });
    return () => {
      current = false;
    };
  }, [client]);
  if (forms === undefined) return <p role="status">{words.reading}</p>;
  if (forms === 'unread') return <p role="alert">{words.trouble.notRead}</p>;
  const wanted = formsAskedFor(resources);
  const isWanted = (form: Form) => form.url !== undefined && wanted.has(form.url);
  const mayAnswer = may(session, 'QuestionnaireResponse', 'c');
  const chosen = forms.find(({ id }) => id === open);
  if (chosen) return <FormSheet form={chosen} close={() => setOpen(undefined)} />;
  return (
    <>
      <p>{words.forms.intro}</p>
      {forms.length === 0 && <p className="card">{words.forms.none}</p>}
      {[...forms]
        .sort((a, b) => Number(isWanted(b)) - Number(isWanted(a)))
        .map((form) => (
          <article key={form.id} className="card">
            <h2 lang={form.language ?? 'en'}>{form.title ?? form.name}</h2>
            {isWanted(form) && <p className="badge">{words.forms.waits}</p>}
            <p className="soft">{lastAnswered(form, resources, (date) => words.forms.answered(day(date)))}</p>
            {mayAnswer && (
              <p className="actions">
                <button type="button" className={isWanted(form) ? 'main' : undefined} onClick={() => setOpen(form.id)}>
                  {words.forms.begin}
                </button>
              </p>
            )}
          </article>
        ))}
    </>
  );
}

/** Canonicals of the forms that an open Task names, without their version. */
export function formsAskedFor(resources: readonly Resource[]): ReadonlySet<string> {
  const tasks = ofType(resources, 'Task').filter(({ status }) => !closedTaskStates.has(status));
  return new Set(
    tasks.flatMap(({ input = [] }) => input.flatMap(({ valueCanonical }) => valueCanonical?.split('|')[0] ?? [])),
  );
}

function lastAnswered(form: Form, resources: readonly Resource[], say: (date: string) => string): string | undefined {
  const days = resources
    .filter((one) => isOfType(one, 'QuestionnaireResponse'))
    .filter(({ questionnaire, status }) => status === 'completed' && questionnaire?.split('|')[0] === form.url)
    .flatMap(({ authored }) => authored ?? [])
    .sort();
  const last = days.at(-1);
  return last && say(last);
}
