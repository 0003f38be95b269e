import type { FhirPath, TypedNode } from '../../fhir/fhirpath.ts';
import { ofType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { answerFrom } from './calculate.ts';
import { type Answer, type AnswerItem, type FormItem, isQuestion } from './items.ts';
import { expressionOf, extension, ours, sdc } from './sdc.ts';

export interface Known {
  /** What the launch brings, by its name in the form: `patient`, `user` … */
  launch: Readonly<Record<string, Resource>>;
  /** Observations of the child, newest first. */
  observations: readonly Resource[];
  now: Date;
  fhirPath: FhirPath;
}

const spans: Readonly<Record<string, number>> = { a: 365.25, mo: 30.44, wk: 7, d: 1 };

/**
 * A response under way with what is known already: initial values of the form, expressions over the launch context (SDC initialExpression), and
 * the newest Observation of the item's code within its link period. Answers that are kept apart are never filled in. Also the link ids whose
 * expression gave nothing that can be used. Pure.
 */
export function populate(form: r4.Questionnaire, known: Known): { items: AnswerItem[]; unusable: string[] } {
  const unusable: string[] = [];
  const level = (asked: readonly FormItem[]): AnswerItem[] =>
    asked.flatMap((item) => {
      if (extension(item, ours.answersKeptApart)) return [];
      if (item.type === 'display') return [];
      const inner = level(item.item ?? []);
      const answer = isQuestion(item) ? initial(item, known, unusable) : [];
      // The tree of the form, so that a filler finds its places; a question without an answer needs none.
      if (isQuestion(item) && answer.length === 0) return [];
      const [first, ...more] = answer;
      const filled: AnswerItem = { linkId: item.linkId, ...(item.text !== undefined && { text: item.text }) };
      if (first) filled.answer = [inner.length > 0 ? { ...first, item: inner } : first, ...more];
      else if (inner.length > 0) filled.item = inner;
      return first || inner.length > 0 ? [filled] : [];
    });
  return { items: level(form.item ?? []), unusable };
}

function initial(item: FormItem, known: Known, unusable: string[]): Answer[] {
  const expression = expressionOf(extension(item, sdc.initialExpression));
  if (expression !== undefined) {
    const variables = Object.fromEntries(
      Object.entries(known.launch).map(([name, value]) => [name, { type: value.resourceType, value }]),
    );
    const context: TypedNode = variables.patient ?? { type: 'Questionnaire', value: {} };
    const found = known.fhirPath(expression, context, variables);
    const answers = found.ok ? found.value.flatMap((node) => answerFrom(item, node) ?? []) : [];
    if (!found.ok || answers.length < found.value.length) unusable.push(item.linkId);
    if (answers.length > 0) return item.repeats ? answers : answers.slice(0, 1);
  }
  const last = lastObserved(item, known);
  if (last) return [last];
  const options = (item.answerOption ?? []).filter(({ initialSelected }) => initialSelected);
  const given: readonly object[] = item.initial ?? options;
  return given.map((one) => Object.fromEntries(Object.entries(one).filter(([name]) => name.startsWith('value'))));
}

function lastObserved(item: FormItem, { observations, now }: Known): Answer | undefined {
  const period = extension(item, sdc.observationLinkPeriod)?.valueDuration;
  const days = (spans[period?.code ?? ''] ?? 0) * Number(period?.value ?? 0);
  if (days === 0 || !item.code) return undefined;
  const since = now.getTime() - days * 24 * 3_600_000;
  const found = ofType(observations, 'Observation').find(
    ({ status, code, effectiveDateTime = '' }) =>
      (status === 'final' || status === 'amended' || status === 'corrected') &&
      code.coding?.some((one) =>
        item.code?.some(({ system, code: wanted }) => one.system === system && one.code === wanted),
      ) &&
      Date.parse(effectiveDateTime) >= since,
  );
  if (!found) return undefined;
  const coding = found.valueCodeableConcept?.coding?.[0];
  const value = coding ?? found.valueString ?? found.valueBoolean ?? found.valueInteger ?? found.valueDateTime;
  return value === undefined ? undefined : answerFrom(item, { type: coding ? 'Coding' : 'string', value });
}
