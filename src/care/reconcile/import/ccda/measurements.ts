import type { r4 } from '../../../../fhir/types.ts';
import { isNegated, remember, statementOf } from './entries.ts';
import { foundOf } from './found-value.ts';
import type { Reading } from './sections.ts';
import { conceptOf, dateOf, identifiersOf, isNull, quantityOf, tidy, wordsOf } from './values.ts';
import { childOf, childrenOf, textOf, type XmlElement } from './xml.ts';

const categorySystem = 'http://terminology.hl7.org/CodeSystem/observation-category';
const interpretationSystem = 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation';
const interpretationOid = '2.16.840.1.113883.5.83';

const statuses: Readonly<Record<string, r4.Observation['status']>> = { completed: 'final', active: 'preliminary' };

/** Vital Signs Organizer: each measurement in it is an Observation of its own. */
export const takeVitalSigns = (entry: XmlElement, reading: Reading): void => takeAll(entry, 'vital-signs', reading);

/** Result Organizer: the same for results of a laboratory; what holds them together stays in the original. */
export const takeResults = (entry: XmlElement, reading: Reading): void => takeAll(entry, 'laboratory', reading);

type Category = 'vital-signs' | 'laboratory';

function takeAll(entry: XmlElement, category: Category, reading: Reading): void {
  const statement = statementOf(entry);
  if (!statement) return;
  const parts = childrenOf(statement, 'component').flatMap((one) => childrenOf(one, 'observation'));
  const observations = statement.name === 'observation' ? [statement] : parts;
  if (observations.length === 0) reading.records.leave('A measurement has no observation that says what was found.');
  for (const observation of observations) take(observation, statement, category, reading);
}

function take(observation: XmlElement, organizer: XmlElement, category: Category, reading: Reading): void {
  const { records, narrative, subject } = reading;
  if (isNegated(observation) || isNegated(organizer)) {
    records.leave('A measurement is negated; it stays in the original.');
    return;
  }
  const status = statuses[childOf(observation, 'statusCode')?.attributes.code ?? 'completed'];
  const code = childOf(observation, 'code');
  const concept = isNull(code) && !childOf(code, 'originalText') ? undefined : conceptOf(code, narrative);
  const value = foundOf(childOf(observation, 'value'), reading);
  const effectiveDateTime = timeOf(observation) ?? timeOf(organizer);
  if (!status || !concept || !value || effectiveDateTime === undefined) {
    records.leave('A measurement does not say what was found, when, or that it was completed.');
    return;
  }
  const interpretation = childrenOf(observation, 'interpretationCode').flatMap(({ attributes }) =>
    attributes.codeSystem === interpretationOid && attributes.code !== undefined
      ? [{ coding: [{ system: interpretationSystem, code: attributes.code }] }]
      : [],
  );
  const referenceRange = childrenOf(observation, 'referenceRange').flatMap((one) => rangeOf(one, reading));
  const made = records.add({
    resourceType: 'Observation',
    identifier: identifiersOf(observation),
    status,
    category: [{ coding: [{ system: categorySystem, code: category }] }],
    code: concept,
    subject,
    effectiveDateTime,
    ...value,
    ...(interpretation.length > 0 && { interpretation }),
    ...(referenceRange.length > 0 && { referenceRange }),
  });
  remember(observation, made, reading);
}

function timeOf(statement: XmlElement): string | undefined {
  const time = childOf(statement, 'effectiveTime');
  return dateOf(time?.attributes.value) ?? dateOf(childOf(time, 'low')?.attributes.value);
}

function rangeOf(element: XmlElement, { narrative }: Reading): r4.ObservationReferenceRange[] {
  const range = childOf(element, 'observationRange');
  const value = childOf(range, 'value');
  const [low, high] = [quantityOf(childOf(value, 'low')), quantityOf(childOf(value, 'high'))];
  const told = childOf(range, 'text');
  const text = wordsOf(told, narrative) ?? (told ? tidy(textOf(told)) : undefined);
  if (!low && !high && text === undefined) return [];
  return [{ ...(low && { low }), ...(high && { high }), ...(text !== undefined && { text }) }];
}
