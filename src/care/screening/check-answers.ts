import type { Issue } from '../../base/errors.ts';
import type { FhirPath } from '../../fhir/fhirpath.ts';
import { plain } from '../../fhir/json.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { r4 } from '../../fhir/types.ts';
import { isEnabled } from './enable-when.ts';
import {
  type Answer,
  type AnswerItem,
  answersOf,
  answerValue,
  type FormItem,
  isQuestion,
  isTooLarge,
  itemsOf,
  valueKey,
} from './items.ts';
import { extension, ours } from './sdc.ts';

/** By the type of an item, the elements that its value may stand in (FHIR R4, questionnaire-item-type). */
const valueTypes: Readonly<Record<string, readonly string[]>> = {
  boolean: ['valueBoolean'],
  decimal: ['valueDecimal', 'valueInteger'],
  integer: ['valueInteger'],
  date: ['valueDate'],
  dateTime: ['valueDateTime'],
  time: ['valueTime'],
  string: ['valueString'],
  text: ['valueString'],
  url: ['valueUri'],
  choice: ['valueCoding', 'valueString', 'valueInteger', 'valueDate', 'valueTime', 'valueReference'],
  'open-choice': ['valueCoding', 'valueString', 'valueInteger', 'valueDate', 'valueTime', 'valueReference'],
  attachment: ['valueAttachment'],
  reference: ['valueReference'],
  quantity: ['valueQuantity'],
};

interface Walk {
  form: r4.Questionnaire;
  response: r4.QuestionnaireResponse;
  fhirPath: FhirPath;
  known: ReadonlySet<string>;
  issues: Issue[];
}

/**
 * All that is wrong with the answers of a response by its form, each with its place: unknown, misplaced and doubled items, questions that
 * had to be answered or were not to be asked, types, options, lengths. Items are named by their link ids, which are the form's; no answer is
 * ever repeated. Options that stand in a value set elsewhere are not looked up. Pure.
 */
export function answerProblems(
  form: r4.Questionnaire,
  response: r4.QuestionnaireResponse,
  fhirPath: FhirPath,
): Issue[] {
  if (isTooLarge(form, response)) return [tooLarge];
  const known = new Set(itemsOf(form).map(({ linkId }) => linkId));
  const walk: Walk = { form, response, fhirPath, known, issues: [] };
  level(walk, form.item ?? [], response.item ?? [], 'QuestionnaireResponse');
  return walk.issues;
}

const tooLarge: Issue = {
  code: 'too-costly',
  text: 'The form or the response has more items than are looked at.',
  expression: ['QuestionnaireResponse.item'],
};

function told({ issues }: Walk, place: string, text: string): void {
  issues.push({ code: 'business-rule', text, expression: [place] });
}

function level(walk: Walk, asked: readonly FormItem[], given: readonly AnswerItem[], place: string): void {
  given.forEach((item, at) => {
    const here = `${place}.item[${at}]`;
    const question = asked.find(({ linkId }) => linkId === item.linkId);
    if (!question) {
      const isElsewhere = walk.known.has(item.linkId);
      told(
        walk,
        here,
        isElsewhere ? 'The item stands elsewhere in the form.' : 'The form has no item with this link id.',
      );
    } else if (!question.repeats || isQuestion(question)) {
      const isSecond = given.findIndex(({ linkId }) => linkId === item.linkId) !== at;
      if (isSecond) told(walk, here, `Item ${question.linkId} stands here more than once.`);
    }
  });
  for (const question of asked) {
    const mine = given.flatMap((item, at) => (item.linkId === question.linkId ? [{ item, at }] : []));
    one(
      walk,
      question,
      mine.map(({ item, at }) => ({ item, place: `${place}.item[${at}]` })),
      place,
    );
  }
}

function one(walk: Walk, question: FormItem, given: { item: AnswerItem; place: string }[], place: string): void {
  const { linkId } = question;
  // Those are answered in another response, and nobody learns here whether.
  if (extension(question, ours.answersKeptApart)) {
    for (const { place: here } of given)
      told(walk, here, `Answers to ${linkId} are kept apart. Hand them in by $submit.`);
    return;
  }
  if (!isEnabled(question, walk.response, walk.fhirPath)) {
    for (const { place: here } of given) told(walk, here, `Item ${linkId} is not asked, given the other answers.`);
    return;
  }
  const isAnswered = given.some(({ item }) => (isQuestion(question) ? answersOf(item).length > 0 : true));
  if (question.required && !isAnswered && question.type !== 'display')
    told(walk, place, `Item ${linkId} has to be answered.`);
  // A required question in a group that nobody opened is missing all the same; of a group that repeats there may be none.
  const isMissing = question.type === 'group' && given.length === 0 && !(question.repeats && !question.required);
  if (isMissing) level(walk, question.item ?? [], [], place);
  for (const { item, place: here } of given) {
    if (!isQuestion(question)) {
      if (item.answer) told(walk, `${here}.answer`, `Item ${linkId} is no question.`);
      level(walk, question.item ?? [], item.item ?? [], here);
      continue;
    }
    if (item.item) told(walk, `${here}.item`, `What item ${linkId} leads to stands in its answer.`);
    answers(walk, question, item, here);
  }
}

function answers(walk: Walk, question: FormItem, item: AnswerItem, place: string): void {
  const given = item.answer ?? [];
  if (given.length > 1 && !question.repeats) told(walk, `${place}.answer`, `Item ${question.linkId} takes one answer.`);
  given.forEach((answer, at) => {
    const here = `${place}.answer[${at}]`;
    const problem = valueProblem(question, answer, walk.form);
    if (problem !== undefined) told(walk, here, problem);
    level(walk, question.item ?? [], answer.item ?? [], here);
  });
}

function valueProblem(question: FormItem, answer: Answer, form: r4.Questionnaire): string | undefined {
  const { linkId, type, maxLength } = question;
  const key = valueKey(answer);
  if (key === undefined) return `An answer to ${linkId} has no value.`;
  if (!(valueTypes[type] ?? []).includes(key)) return `Item ${linkId} takes answers of type ${type}.`;
  const value = answerValue(answer);
  if (typeof value === 'string' && maxLength !== undefined && value.length > maxLength)
    return `Item ${linkId} takes at most ${maxLength} characters.`;
  if (type === 'open-choice' && key === 'valueString') return undefined;
  const options = optionsOf(question, form);
  return options === undefined || options.some((option) => isSame(option, key, value))
    ? undefined
    : `Item ${linkId} takes one of its options.`;
}

/** Undefined where any value is one: no list, or one that is not in the form. */
function optionsOf(question: FormItem, form: r4.Questionnaire): readonly object[] | undefined {
  if (question.answerOption) return question.answerOption;
  const local = question.answerValueSet?.startsWith('#') ? question.answerValueSet.slice(1) : undefined;
  const contained = (form.contained ?? []).find(({ id }) => local !== undefined && id === local);
  const found = contained && { ...contained };
  if (!isOfType(found, 'ValueSet')) return undefined;
  if (found.expansion?.contains) return found.expansion.contains.map((valueCoding) => ({ valueCoding }));
  const includes = found.compose?.include ?? [];
  if (includes.some(({ concept, filter, valueSet }) => !concept || filter || valueSet)) return undefined;
  return includes.flatMap(({ system, concept = [] }) => concept.map(({ code }) => ({ valueCoding: { system, code } })));
}

function isSame(option: object, key: string, value: unknown): boolean {
  const offered: unknown = Reflect.get(option, key);
  if (key !== 'valueCoding') return JSON.stringify(plain(offered ?? null)) === JSON.stringify(plain(value ?? null));
  const [left, right] = [offered ?? {}, value ?? {}].map((coding) => Object(coding) as r4.Coding);
  return left?.system === right?.system && left?.code === right?.code && left?.code !== undefined;
}
