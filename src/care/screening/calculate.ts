import type { Issue } from '../../base/errors.ts';
import type { FhirPath, TypedNode } from '../../fhir/fhirpath.ts';
import { isObject } from '../../fhir/search/walk-path.ts';
import type { r4 } from '../../fhir/types.ts';
import { type Answer, type AnswerItem, answersOf, answerValue, type FormItem, isQuestion } from './items.ts';
import { expressionOf, extension, sdc } from './sdc.ts';

/**
 * The response with what its form computes (SDC calculatedExpression) and its filler left out, and what the filler computed otherwise or
 * cannot be computed. The original is not touched. Expressions see the answers that were given, not each other's results. Pure.
 */
export function calculated(
  form: r4.Questionnaire,
  response: r4.QuestionnaireResponse,
  fhirPath: FhirPath,
): { response: r4.QuestionnaireResponse; issues: Issue[] } {
  const issues: Issue[] = [];
  const resource = { type: 'QuestionnaireResponse', value: response };
  const compute = (item: FormItem): Answer | undefined => {
    const expression = expressionOf(extension(item, sdc.calculatedExpression));
    if (expression === undefined) return undefined;
    const found = fhirPath(expression, resource, { resource, context: resource });
    if (found.ok) return found.value[0] ? answerFrom(item, found.value[0]) : undefined;
    // A sum that is missing would be taken for a form that asked for none.
    const text = `Item ${item.linkId} cannot be computed.`;
    issues.push(...found.error.issues.map((issue) => ({ ...issue, text: `${text} ${issue.text}` })));
    return undefined;
  };
  const level = (asked: readonly FormItem[], given: readonly AnswerItem[], place: string): AnswerItem[] => {
    const items = given.map((item, at) => {
      const question = asked.find(({ linkId }) => linkId === item.linkId);
      const here = `${place}.item[${at}]`;
      if (!question) return item;
      if (!isQuestion(question)) return withItems(item, level(question.item ?? [], item.item ?? [], here));
      const value = compute(question);
      const [answer] = answersOf(item);
      if (!value) return item;
      if (!answer) return { ...item, answer: [value] };
      if (!isEqual(answer, value)) {
        const text = `Item ${question.linkId} is computed, and the answers give another value.`;
        issues.push({ code: 'business-rule', text, expression: [here] });
      }
      return item;
    });
    const missing = asked.filter(({ linkId }) => !given.some((item) => item.linkId === linkId));
    for (const question of missing) {
      if (isQuestion(question)) {
        const value = compute(question);
        if (value) items.push({ linkId: question.linkId, answer: [value] });
      }
    }
    return items;
  };
  const items = level(form.item ?? [], response.item ?? [], 'QuestionnaireResponse');
  return { response: items.length > 0 ? { ...response, item: items } : response, issues };
}

function withItems(item: AnswerItem, items: AnswerItem[]): AnswerItem {
  return items.length > 0 ? { ...item, item: items } : item;
}

/** A result of FHIRPath as an answer to the item; undefined where it is none. A code stands for the option that has it. */
export function answerFrom(item: FormItem, { type, value }: TypedNode): Answer | undefined {
  const text = typeof value === 'string' ? value : undefined;
  if (item.type === 'choice' || item.type === 'open-choice') {
    const coding = type === 'Coding' ? (value as r4.Coding) : undefined;
    const code = coding?.code ?? text;
    const option = (item.answerOption ?? []).find(
      ({ valueCoding, valueString }) =>
        (valueCoding?.code === code && (coding?.system === undefined || valueCoding?.system === coding.system)) ||
        (valueString !== undefined && valueString === text),
    );
    if (option?.valueCoding) return { valueCoding: option.valueCoding };
    return option?.valueString === undefined ? undefined : { valueString: option.valueString };
  }
  if (item.type === 'boolean') return typeof value === 'boolean' ? { valueBoolean: value } : undefined;
  if (typeof value === 'number') {
    if (item.type === 'decimal') return { valueDecimal: value };
    return item.type === 'integer' && Number.isInteger(value) ? { valueInteger: value } : undefined;
  }
  if (item.type === 'reference') return referenceTo(value);
  if (item.type === 'quantity' && type === 'Quantity') return { valueQuantity: value as r4.Quantity };
  if (text === undefined) return undefined;
  if (item.type === 'date') return { valueDate: text.slice(0, 10) };
  if (item.type === 'dateTime') return { valueDateTime: text };
  if (item.type === 'string' || item.type === 'text') return { valueString: text };
  return undefined;
}

/** A whole resource stands for a reference to it. */
function referenceTo(value: unknown): Answer | undefined {
  if (!isObject(value)) return undefined;
  const { reference, resourceType, id } = value;
  if (typeof reference === 'string') return { valueReference: { reference } };
  if (typeof resourceType !== 'string' || typeof id !== 'string') return undefined;
  return { valueReference: { reference: `${resourceType}/${id}` } };
}

function isEqual(left: Answer, right: Answer): boolean {
  if (left.valueCoding && right.valueCoding)
    return left.valueCoding.code === right.valueCoding.code && left.valueCoding.system === right.valueCoding.system;
  return JSON.stringify(answerValue(left)) === JSON.stringify(answerValue(right));
}
