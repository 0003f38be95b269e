import { limits } from '../../base/limits.ts';
import type { r4 } from '../../fhir/types.ts';

export type FormItem = r4.QuestionnaireItem;
export type AnswerItem = r4.QuestionnaireResponseItem;
export type Answer = r4.QuestionnaireResponseItemAnswer;

/** All items of a form, in order, those within others included. */
export function itemsOf(form: { item?: FormItem[] }): FormItem[] {
  return (form.item ?? []).flatMap((item) => [item, ...itemsOf(item)]);
}

/** True when the form or the response is larger than anybody fills in: looking through it would cost more than it is worth. */
export function isTooLarge(form: { item?: FormItem[] }, response: { item?: AnswerItem[] } = {}): boolean {
  return count(form) > limits.care.formItems || count(response) > limits.care.responseItems;
}

function count(within: { item?: FormItem[] | AnswerItem[] }): number {
  let found = 0;
  for (const item of within.item ?? []) {
    found += 1 + count(item);
    for (const answer of 'answer' in item ? (item.answer ?? []) : []) found += 1 + count(answer);
  }
  return found;
}

/** All items of a response with this link id, however deep. */
export function answered(response: { item?: AnswerItem[] }, linkId: string): AnswerItem[] {
  return (response.item ?? []).flatMap((item) => [
    ...(item.linkId === linkId ? [item] : []),
    ...answered(item, linkId),
    ...(item.answer ?? []).flatMap((answer) => answered(answer, linkId)),
  ]);
}

/** The answers of an item, empty ones left out. */
export function answersOf(item: AnswerItem | undefined): Answer[] {
  return (item?.answer ?? []).filter((answer) => valueKey(answer) !== undefined);
}

/** The name of the element that holds the value: `valueCoding` … */
export function valueKey(answer: Answer): string | undefined {
  return Object.keys(answer).find((key) => key.startsWith('value'));
}

export function answerValue(answer: Answer): unknown {
  const key = valueKey(answer);
  return key === undefined ? undefined : Reflect.get(answer, key);
}

/** Groups are answered by what stands in them, and a display by nothing. */
export function isQuestion({ type }: FormItem): boolean {
  return type !== 'group' && type !== 'display';
}

const dataAbsent = 'http://terminology.hl7.org/CodeSystem/data-absent-reason';
/** “Don't know / refused”: the one answer of Hunger Vital Sign that answers nothing. */
const refusedCode = 'LA15775-2';

/** The reason when the answer says that there is none: somebody was asked and declined (decision D10). */
export function declinedReason({ valueCoding }: Answer): r4.CodeableConcept | undefined {
  if (valueCoding?.system === dataAbsent) return { coding: [valueCoding] };
  if (valueCoding?.system !== 'http://loinc.org' || valueCoding.code !== refusedCode) return undefined;
  return { coding: [{ system: dataAbsent, code: 'asked-declined', display: 'Asked But Declined' }, valueCoding] };
}
