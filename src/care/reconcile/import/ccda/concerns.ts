import type { Resource, r4 } from '../../../../fhir/types.ts';
import { isEntryReference, isNegated, referredRecords, relatedOf, remember, statementOf } from './entries.ts';
import type { Reading } from './sections.ts';
import { conceptOf, dayOf, identifiersOf, isNull, wordsOf } from './values.ts';
import { childOf, hasTemplate, type XmlElement } from './xml.ts';

const problemObservation = '2.16.840.1.113883.10.20.22.4.4';
const clinicalSystem = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
const verificationSystem = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';

const categories = {
  problem: { system: 'http://terminology.hl7.org/CodeSystem/condition-category', code: 'problem-list-item' },
  concern: { system: 'http://hl7.org/fhir/us/core/CodeSystem/condition-category', code: 'health-concern' },
} as const;

/** Problem Concern Act: each problem observation in it is a Condition. */
export function takeProblem(entry: XmlElement, reading: Reading): void {
  const act = statementOf(entry);
  const observations = act ? problemsIn(act) : [];
  if (!act || observations.length === 0) {
    reading.records.leave('A problem has no observation that says which.');
    return;
  }
  for (const observation of observations) {
    const made = conditionOf(observation, act, 'problem', reading);
    if (made === undefined) continue;
    reading.problems.push(made);
    remember(observation, made, reading);
    remember(act, made, reading);
  }
}

/**
 * Health Concern Act: a Condition for each problem observation that it holds, none of its own when it only refers to problems of the list, and one in
 * its words when it has only these.
 */
export function takeConcern(entry: XmlElement, reading: Reading): void {
  const act = statementOf(entry);
  if (!act) return;
  const own = problemsIn(act).flatMap((observation) => conditionOf(observation, act, 'concern', reading) ?? []);
  const referred = own.length > 0 ? own : referredRecords(act, reading, reading.problems);
  const made = referred.length > 0 ? referred : [inWords(act, reading)].filter((one) => one !== undefined);
  if (made.length === 0) {
    reading.records.leave('A health concern says neither in codes nor in words what it is.');
    return;
  }
  for (const one of made) if (!reading.concerns.includes(one)) reading.concerns.push(one);
  remember(act, made[0] ?? '', reading);
  for (const observation of problemsIn(act)) remember(observation, made[0] ?? '', reading);
}

function problemsIn(act: XmlElement): XmlElement[] {
  if (hasTemplate(act, problemObservation)) return [act];
  return relatedOf(act).filter((one) => one.name === 'observation' && !isEntryReference(one) && hasProblem(one));
}

const hasProblem = (one: XmlElement) => hasTemplate(one, problemObservation) || childOf(one, 'value') !== undefined;

function conditionOf(
  observation: XmlElement,
  act: XmlElement,
  kind: keyof typeof categories,
  reading: Reading,
): string | undefined {
  const { narrative, records } = reading;
  if (isNegated(observation) || isNegated(act)) {
    records.leave('A problem is said not to be there; that stays in the original.');
    return undefined;
  }
  const value = childOf(observation, 'value');
  const code = isNull(value) ? undefined : conceptOf(value, narrative);
  const words = wordsOf(childOf(observation, 'text'), narrative) ?? wordsOf(childOf(act, 'text'), narrative);
  const concept = code ?? (words === undefined ? undefined : { text: words });
  if (!concept) {
    records.leave('A problem has neither a code nor words.');
    return undefined;
  }
  return records.add(conditionFrom(concept, observation, act, kind, reading));
}

function inWords(act: XmlElement, reading: Reading): string | undefined {
  const text = wordsOf(childOf(act, 'text'), reading.narrative);
  if (text === undefined || isNegated(act)) return undefined;
  return reading.records.add(conditionFrom({ text }, act, act, 'concern', reading));
}

function conditionFrom(
  code: r4.CodeableConcept,
  observation: XmlElement,
  act: XmlElement,
  kind: keyof typeof categories,
  { subject }: Reading,
): Resource & r4.Condition {
  const time = childOf(observation, 'effectiveTime');
  const onset = dayOf(childOf(time, 'low')?.attributes.value) ?? dayOf(time?.attributes.value);
  const end = childOf(time, 'high');
  const abated = dayOf(end?.attributes.value);
  const closed = ['completed', 'aborted'].includes(childOf(act, 'statusCode')?.attributes.code ?? '');
  // An end that is unknown is an end.
  const isOver = abated !== undefined || end?.attributes.nullFlavor === 'UNK' || closed;
  return {
    resourceType: 'Condition',
    identifier: identifiersOf(observation),
    clinicalStatus: { coding: [{ system: clinicalSystem, code: isOver ? 'resolved' : 'active' }] },
    // Nobody here has looked at it yet.
    verificationStatus: { coding: [{ system: verificationSystem, code: 'unconfirmed' }] },
    category: [{ coding: [categories[kind]] }],
    code,
    subject,
    ...(onset !== undefined && { onsetDateTime: onset }),
    ...(abated !== undefined && { abatementDateTime: abated }),
  };
}
