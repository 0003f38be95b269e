import type { Resource, r4 } from '../../fhir/types.ts';
import { type Extracted, extractedId, extractedSystem, responseKey, withLabels } from './extracted.ts';
import {
  type Answer,
  type AnswerItem,
  answersOf,
  answerValue,
  declinedReason,
  type FormItem,
  isQuestion,
  valueKey,
} from './items.ts';
import { privateLabels } from './private-answers.ts';
import { extension, extensions, sdc } from './sdc.ts';

interface Inherited {
  extract: boolean;
  categories: r4.CodeableConcept[];
  /** Whom the answers are about, where that is not the child (SDC isSubject). */
  about?: r4.Reference;
}

/**
 * Observation-based extraction (SDC 4, extraction.html#observation-based-extraction): each answer to an item with a code becomes an Observation,
 * each group with a code one that has them as members. `observationExtract` and categories hold for all below, until an item says otherwise.
 * What was declined is an Observation that says so. Pure; numbers keep their digits.
 */
export function extractObservations(form: r4.Questionnaire, response: r4.QuestionnaireResponse): Extracted[] {
  const found: Extracted[] = [];
  const about = privateLabels(form).length > 0 ? response.source : undefined;
  const root = inherit(form, { extract: false, categories: [], ...(about && { about }) });
  level(form.item ?? [], response.item ?? [], root, { response, found, path: '' });
  return found;
}

interface Walk {
  response: r4.QuestionnaireResponse;
  found: Extracted[];
  path: string;
}

function inherit(element: { extension?: r4.Extension[] }, from: Inherited): Inherited {
  const own = extensions(element, sdc.observationCategory).flatMap(({ valueCodeableConcept: one }) => one ?? []);
  return {
    ...from,
    extract: extension(element, sdc.observationExtract)?.valueBoolean ?? from.extract,
    categories: [...from.categories, ...own],
  };
}

/** Answers the members that a group above has. */
function level(asked: readonly FormItem[], given: readonly AnswerItem[], above: Inherited, walk: Walk): string[] {
  const members: string[] = [];
  const about = subjectOf(asked, given);
  const here = about ? { ...above, about } : above;
  given.forEach((item, at) => {
    const question = asked.find(({ linkId }) => linkId === item.linkId);
    if (!question) return;
    const mine = inherit(question, here);
    const path = `${walk.path}/${item.linkId}${question.repeats && !isQuestion(question) ? `[${at}]` : ''}`;
    const inner = { ...walk, path };
    const made = isQuestion(question) ? ofAnswers(question, item, mine, inner) : ofGroup(question, item, mine, inner);
    members.push(...made);
  });
  return members;
}

/** The answer to the item that says whom those beside it are about. */
function subjectOf(asked: readonly FormItem[], given: readonly AnswerItem[]): r4.Reference | undefined {
  const saying = asked.find((item) => extension(item, sdc.isSubject)?.valueBoolean === true);
  return given.find(({ linkId }) => linkId === saying?.linkId)?.answer?.[0]?.valueReference;
}

function ofGroup(question: FormItem, item: AnswerItem, mine: Inherited, walk: Walk): string[] {
  const members = level(question.item ?? [], item.item ?? [], mine, walk);
  if (!mine.extract || !question.code || members.length === 0) return members;
  const hasMember = members.map((reference) => ({ reference }));
  return [keep(walk, 'group', { ...shared(question, question.code, mine, walk), hasMember })];
}

function ofAnswers(question: FormItem, item: AnswerItem, mine: Inherited, walk: Walk): string[] {
  return answersOf(item).flatMap((answer) => {
    const inner = level(question.item ?? [], answer.item ?? [], mine, walk);
    const said = mine.extract && question.code ? valueFor(answer) : undefined;
    if (!said || !question.code) return inner;
    // Of several answers to one question each is known by its value, so that their order does not matter.
    const key = question.repeats ? JSON.stringify(answer.valueCoding?.code ?? answerValue(answer)) : 'answer';
    return [keep(walk, key, { ...shared(question, question.code, mine, walk), ...said }), ...inner];
  });
}

function keep({ response, found, path }: Walk, key: string, observation: Resource): string {
  const id = extractedId(responseKey(response), 'Observation', path, key);
  const identifier = [{ system: extractedSystem, value: id }];
  const ifNoneExist = `identifier=${extractedSystem}|${id}`;
  const fullUrl = `urn:uuid:${id}`;
  found.push({
    fullUrl,
    resource: withLabels({ ...observation, identifier }, response),
    request: { method: 'POST', url: 'Observation', ifNoneExist },
  });
  return fullUrl;
}

function shared(question: FormItem, coding: r4.Coding[], mine: Inherited, { response }: Walk): Resource {
  const { categories, about } = mine;
  const { subject, encounter, authored, author, source, id, status } = response;
  const performer = source ?? author;
  const isPerformer = /^(Practitioner|PractitionerRole|Organization|CareTeam|Patient|RelatedPerson)\//;
  // About the caregiver, not the child: the record stays the child's, and says whom it is about (decision D10).
  const focus = about?.reference === subject?.reference ? undefined : about;
  const text = question.text ?? coding[0]?.display;
  return {
    resourceType: 'Observation',
    status: status === 'amended' ? 'amended' : 'final',
    ...(categories.length > 0 && { category: categories }),
    code: { coding, ...(text !== undefined && { text }) },
    ...(subject && { subject }),
    ...(focus && { focus: [focus] }),
    ...(encounter && { encounter }),
    ...(authored !== undefined && { effectiveDateTime: authored, ...(authored.includes('T') && { issued: authored }) }),
    ...(performer && isPerformer.test(performer.reference ?? '') && { performer: [performer] }),
    ...(id !== undefined && { derivedFrom: [{ reference: `QuestionnaireResponse/${id}` }] }),
  };
}

/** Observation has no value of type decimal, date, uri, reference or attachment. The last two are left to templates. */
function valueFor(answer: Answer): Partial<r4.Observation> | undefined {
  const dataAbsentReason = declinedReason(answer);
  if (dataAbsentReason) return { dataAbsentReason };
  const { valueCoding, valueDecimal, valueDate, valueUri } = answer;
  if (valueCoding) return { valueCodeableConcept: { coding: [valueCoding] } };
  if (valueDecimal !== undefined) return { valueQuantity: { value: valueDecimal } };
  if (valueDate !== undefined) return { valueDateTime: valueDate };
  if (valueUri !== undefined) return { valueString: valueUri };
  const key = valueKey(answer);
  if (key === undefined || key === 'valueReference' || key === 'valueAttachment') return undefined;
  return { [key]: answerValue(answer) };
}
