import { useEffect, useState } from 'react';
import { isOfType } from '../../../fhir/of-type.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import { useFamily, useWords } from '../family.ts';
import { Saying, useWriting } from '../writing.tsx';
import { type Answer, type Answers, answersIn, responseOf, shownItems } from './form.ts';
import { Question } from './question.tsx';

type Response = Resource & r4.QuestionnaireResponse;

/** One form: begun by `$populate`, handed in by `$submit`. Nothing is kept before it is handed in. */
export function FormSheet({ form, close }: { form: Resource & r4.Questionnaire; close: () => void }) {
  const { words } = useWords();
  const { client, session, tell } = useFamily();
  const [begun, setBegun] = useState<Response | 'unread'>();
  const [answers, setAnswers] = useState<Answers>({});
  const writing = useWriting();
  useEffect(() => {
    let current = true;
    client.get(`Questionnaire/${form.id}/$populate?subject=Patient/${session.patientId}`).then((answer) => {
      if (!current) return;
      const response = answer.ok ? responseIn(answer.value) : undefined;
      setBegun(response ?? 'unread');
      if (response) setAnswers(answersIn(response.item));
    });
    return () => {
      current = false;
    };
  }, [client, form, session]);
  if (begun === undefined) return <p role="status">{words.reading}</p>;
  if (begun === 'unread') {
    return (
      <div role="alert" className="trouble">
        <p>{words.trouble.notRead}</p>
        <button type="button" onClick={close}>
          {words.forms.back}
        </button>
      </div>
    );
  }
  const send = async () => {
    const resource = responseOf({ form, begun, answers, now: new Date() });
    const body = { resourceType: 'Parameters', parameter: [{ name: 'resource', resource }] };
    const request = { method: 'POST' as const, url: 'QuestionnaireResponse/$submit', resource: body };
    if (await writing.send(request, () => tell(words.forms.sent))) close();
  };
  const set = (linkId: string, answer: readonly Answer[]) => setAnswers({ ...answers, [linkId]: answer });
  return (
    <section className="card" aria-labelledby="form" lang={form.language ?? 'en'}>
      <h2 id="form">{form.title ?? form.name}</h2>
      <WordsAsWritten form={form} />
      <Saying writing={writing} send={words.forms.send} onSend={send} cancel={close}>
        {shownItems(form.item).map((item) => (
          <Question key={item.linkId} item={item} answers={answers} set={set} />
        ))}
      </Saying>
      {form.copyright && <p className="soft">{form.copyright}</p>}
    </section>
  );
}

/** Where the form is not in the reader's language, it says so and whom to ask. */
function WordsAsWritten({ form }: { form: r4.Questionnaire }) {
  const { words, language } = useWords();
  const isIn = (form.language ?? 'en').split('-')[0] === language;
  return isIn ? null : (
    <p className="notice" lang={language}>
      {words.forms.otherLanguage}
    </p>
  );
}

/** `$populate` answers with the response, or with Parameters that hold it and what could not be filled in. */
function responseIn(answer: Resource | undefined): Response | undefined {
  if (isOfType(answer, 'QuestionnaireResponse')) return answer;
  const { parameter = [] } = (answer ?? {}) as { parameter?: r4.ParametersParameter[] };
  const found = parameter.find(({ name }) => name === 'response')?.resource;
  return found && ({ ...found } as Response);
}
