import type { r4 } from '../../fhir/types.ts';
import { type AnswerItem, answersOf, type FormItem } from './items.ts';
import { extension, extensions, ours } from './sdc.ts';

/** The labels that every response to this form carries; none for a form that is answered in the open. */
export function privateLabels(form: r4.Questionnaire): r4.Coding[] {
  return extensions(form, ours.privateAnswers).flatMap(({ valueCoding }) => valueCoding ?? []);
}

export function hasLabels({ meta }: { meta?: r4.Meta }, labels: readonly r4.Coding[]): boolean {
  return labels.every(({ system, code }) => meta?.security?.some((one) => one.system === system && one.code === code));
}

/** The response as it may be kept, and those answers of it that belong into responses to other forms. */
export interface Parted {
  open: r4.QuestionnaireResponse;
  apart: { questionnaire: string; item: AnswerItem }[];
}

/** Takes the items out whose answers are kept apart, wherever they stand. What is left does not show whether there were any. Pure. */
export function part(form: r4.Questionnaire, response: r4.QuestionnaireResponse): Parted {
  const apart: Parted['apart'] = [];
  const level = (asked: readonly FormItem[], given: readonly AnswerItem[]): AnswerItem[] =>
    given.flatMap((item) => {
      const question = asked.find(({ linkId }) => linkId === item.linkId);
      const questionnaire = question && extension(question, ours.answersKeptApart)?.valueCanonical;
      if (questionnaire !== undefined) {
        if (isAnswered(item)) apart.push({ questionnaire, item });
        return [];
      }
      const inner = level(question?.item ?? [], item.item ?? []);
      const { item: _, ...rest } = item;
      return [inner.length > 0 ? { ...rest, item: inner } : rest];
    });
  const items = level(form.item ?? [], response.item ?? []);
  const { item: _, ...rest } = response;
  return { open: items.length > 0 ? { ...rest, item: items } : rest, apart };
}

function isAnswered(item: AnswerItem): boolean {
  return answersOf(item).length > 0 || (item.item ?? []).some(isAnswered);
}
