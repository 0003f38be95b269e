import type { r4 } from '../../../../fhir/types.ts';
import { isNegated, referredRecords, remember, statementOf } from './entries.ts';
import type { Reading } from './sections.ts';
import { conceptOf, dayOf, identifiersOf, isNull, quantityOf, tidy, wordsOf } from './values.ts';
import { childOf, childrenOf, textOf, type XmlElement } from './xml.ts';

const lifecycle: Readonly<Record<string, r4.Goal['lifecycleStatus']>> = {
  active: 'active',
  completed: 'completed',
  suspended: 'on-hold',
  aborted: 'cancelled',
  cancelled: 'cancelled',
};

/** Goal Observation: a Goal in the words that the document has for it, with its target, for the concerns that it refers to. */
export function takeGoal(entry: XmlElement, reading: Reading): void {
  const observation = statementOf(entry);
  if (!observation) return;
  const { narrative, records, subject, isPatient } = reading;
  if (isNegated(observation)) {
    records.leave('A goal is negated; it stays in the original.');
    return;
  }
  const code = conceptOf(childOf(observation, 'code'), narrative);
  const value = childOf(observation, 'value');
  const said = wordsOf(childOf(observation, 'text'), narrative) ?? valueWords(value, reading) ?? code?.text;
  if (said === undefined) {
    records.leave('A goal says nothing in words.');
    return;
  }
  const time = childOf(observation, 'effectiveTime');
  const start = dayOf(childOf(time, 'low')?.attributes.value) ?? dayOf(time?.attributes.value);
  const target = targetOf(code, value, dayOf(childOf(time, 'high')?.attributes.value));
  const addresses = referredRecords(observation, reading, [...reading.concerns, ...reading.problems]);
  const status = childOf(observation, 'statusCode')?.attributes.code ?? 'active';
  const byChild = childrenOf(observation, 'author').some(isPatient);
  const made = records.add({
    resourceType: 'Goal',
    identifier: identifiersOf(observation),
    lifecycleStatus: lifecycle[status] ?? 'active',
    description: { ...(code?.coding && { coding: code.coding }), text: said },
    subject,
    ...(start !== undefined && { startDate: start }),
    ...(target && { target: [target] }),
    ...(byChild && { expressedBy: subject }),
    ...(addresses.length > 0 && { addresses: addresses.map((reference) => ({ reference })) }),
  });
  reading.goals.push(made);
  remember(observation, made, reading);
}

function valueWords(value: XmlElement | undefined, { narrative }: Reading): string | undefined {
  if (!value || isNull(value)) return undefined;
  return conceptOf(value, narrative)?.text ?? tidy(textOf(value));
}

function targetOf(
  measure: r4.CodeableConcept | undefined,
  value: XmlElement | undefined,
  dueDate: string | undefined,
): r4.GoalTarget | undefined {
  const low = quantityOf(childOf(value, 'low'));
  const high = quantityOf(childOf(value, 'high'));
  const quantity = quantityOf(value);
  const detail: Partial<r4.GoalTarget> = quantity
    ? { detailQuantity: quantity }
    : low || high
      ? { detailRange: { ...(low && { low }), ...(high && { high }) } }
      : {};
  const measured = measure && Object.keys(detail).length > 0 ? { measure, ...detail } : {};
  const target: r4.GoalTarget = { ...measured, ...(dueDate !== undefined && { dueDate }) };
  return Object.keys(target).length > 0 ? target : undefined;
}
