import type { FhirPath } from '../../fhir/fhirpath.ts';
import { plain } from '../../fhir/json.ts';
import type { r4 } from '../../fhir/types.ts';
import { type Answer, answered, answersOf, answerValue, type FormItem, valueKey } from './items.ts';
import { expressionOf, extension, sdc } from './sdc.ts';

/** True when the item is to be asked (FHIR R4, questionnaire.html: enableWhen, enableBehavior; SDC enableWhenExpression). */
export function isEnabled(item: FormItem, response: r4.QuestionnaireResponse, fhirPath: FhirPath): boolean {
  const expression = expressionOf(extension(item, sdc.enableWhenExpression));
  if (expression !== undefined) {
    const resource = { type: 'QuestionnaireResponse', value: response };
    const found = fhirPath(expression, resource, { resource, context: resource });
    // What cannot be decided is asked: a required question must not vanish by a mistake in the form.
    return !found.ok || found.value[0]?.value !== false;
  }
  const conditions = item.enableWhen ?? [];
  if (conditions.length === 0) return true;
  const holds = (condition: r4.QuestionnaireItemEnableWhen) => meets(condition, response);
  return item.enableBehavior === 'any' ? conditions.some(holds) : conditions.every(holds);
}

function meets(condition: r4.QuestionnaireItemEnableWhen, response: r4.QuestionnaireResponse): boolean {
  const given = answered(response, condition.question).flatMap(answersOf);
  if (condition.operator === 'exists') return given.length > 0 === condition.answerBoolean;
  const key = Object.keys(condition).find((name) => name.startsWith('answer'));
  const wanted = key === undefined ? undefined : plain(Reflect.get(condition, key) ?? null);
  const type = key?.slice('answer'.length);
  const same = given.filter((answer) => valueKey(answer)?.slice('value'.length) === type);
  if (condition.operator === '!=') return given.length > 0 && !same.some((answer) => order(answer, wanted) === 0);
  return same.some((answer) => {
    const found = order(answer, wanted);
    if (found === undefined) return false;
    if (condition.operator === '=') return found === 0;
    if (condition.operator === '<') return found < 0;
    if (condition.operator === '>') return found > 0;
    return condition.operator === '<=' ? found <= 0 : found >= 0;
  });
}

/** Negative, zero, positive; undefined when the two cannot be compared. */
function order(answer: Answer, wanted: unknown): number | undefined {
  const value = plain(answerValue(answer) ?? null);
  if (typeof value === 'object' && value !== null && typeof wanted === 'object' && wanted !== null)
    return ofObjects(value, wanted);
  if (typeof value === 'number' && typeof wanted === 'number') return value - wanted;
  if (typeof value === 'boolean') return value === wanted ? 0 : undefined;
  if (typeof value !== 'string' || typeof wanted !== 'string') return undefined;
  if (value === wanted) return 0;
  return value < wanted ? -1 : 1;
}

function ofObjects(value: object, wanted: object): number | undefined {
  const of = (one: object, name: string): unknown => Reflect.get(one, name);
  if (of(value, 'code') !== of(wanted, 'code') || of(value, 'system') !== of(wanted, 'system')) return undefined;
  const [left, right] = [of(value, 'value'), of(wanted, 'value')];
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return of(value, 'reference') === of(wanted, 'reference') ? 0 : undefined;
}
