import type { Resource, r4 } from '../../../fhir/types.ts';

/** A Questionnaire as this page asks it, and the answers as a QuestionnaireResponse. What the page cannot ask it does not begin. */

type Item = r4.QuestionnaireItem;
export type Answer = r4.QuestionnaireResponseItemAnswer;
/** Answers by linkId. */
export type Answers = Readonly<Record<string, readonly Answer[]>>;

const hiddenUrl = 'http://hl7.org/fhir/StructureDefinition/questionnaire-hidden';
const calculatedUrl = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression';
const asked: ReadonlySet<string> = new Set([
  'choice',
  'boolean',
  'string',
  'text',
  'integer',
  'date',
  'display',
  'group',
]);

/** Items that people see: with words, not hidden, not computed. A group without any such item is none. */
export function shownItems(items: readonly Item[] | undefined): Item[] {
  return (items ?? []).flatMap((item) => {
    if (isHidden(item) || item.readOnly) return [];
    if (item.type !== 'group') return item.text?.trim() ? [item] : [];
    const inner = shownItems(item.item);
    return inner.length > 0 ? [{ ...item, item: inner }] : [];
  });
}

/** Every question can be asked here: its type is one of ours, nothing depends on another answer, and nothing required is without words. */
export function isAnswerable(form: r4.Questionnaire): boolean {
  const all = everyItem(form.item);
  const shown = new Set(everyItem(shownItems(form.item)).map(({ linkId }) => linkId));
  const questions = all.filter(({ linkId, type }) => shown.has(linkId) && type !== 'group' && type !== 'display');
  return (
    questions.length > 0 &&
    all.every((item) => !shown.has(item.linkId) || (asked.has(item.type) && !item.enableWhen && canChoose(item))) &&
    all.every((item) => shown.has(item.linkId) || !item.required || isHidden(item))
  );
}

function canChoose({ type, answerOption }: Item): boolean {
  return type !== 'choice' || answerOption?.every(({ valueCoding }) => valueCoding !== undefined) === true;
}

function isHidden({ extension }: Item): boolean {
  return extension?.some(({ url, valueBoolean }) => url === hiddenUrl && valueBoolean === true) === true;
}

export function everyItem(items: readonly Item[] | undefined): Item[] {
  return (items ?? []).flatMap((item) => [item, ...everyItem(item.item)]);
}

/** What `$populate` filled in already, by linkId. */
export function answersIn(items: readonly r4.QuestionnaireResponseItem[] | undefined): Answers {
  const found: Record<string, readonly Answer[]> = {};
  for (const { linkId, answer, item } of items ?? []) {
    if (answer !== undefined) found[linkId] = answer;
    Object.assign(found, answersIn(item));
  }
  return found;
}

interface Given {
  form: Resource & r4.Questionnaire;
  /** As `$populate` began it. */
  begun: Resource & r4.QuestionnaireResponse;
  answers: Answers;
  now: Date;
}

/** The completed response. What was filled in and is not asked here stays as it was filled in. */
export function responseOf({ form, begun, answers, now }: Given): Resource {
  const all = { ...answersIn(begun.item), ...answers };
  const { id: _id, meta: _meta, text: _text, ...rest } = begun;
  const item = itemsOf(form.item, all);
  return { ...rest, status: 'completed', authored: now.toISOString(), ...(item.length > 0 && { item }) } as Resource;
}

function itemsOf(items: readonly Item[] | undefined, answers: Answers): r4.QuestionnaireResponseItem[] {
  return (items ?? []).flatMap((one) => {
    // What the form computes the server computes, from the answers of now.
    const isComputed = one.extension?.some(({ url }) => url === calculatedUrl) === true;
    const answer = isComputed ? [] : (answers[one.linkId] ?? []);
    const item = itemsOf(one.item, answers);
    if (answer.length === 0 && item.length === 0) return [];
    return [
      {
        linkId: one.linkId,
        ...(one.text !== undefined && { text: one.text }),
        ...(answer.length > 0 && { answer: [...answer] }),
        ...(item.length > 0 && { item }),
      },
    ];
  });
}
