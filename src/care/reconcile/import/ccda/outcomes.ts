import type { Resource, r4 } from '../../../../fhir/types.ts';
import { isNegated, referredKeys, relatedOf, statementOf } from './entries.ts';
import { foundOf } from './found-value.ts';
import type { Reading } from './sections.ts';
import { conceptOf, dateOf, dayOf, identifiersOf, wordsOf } from './values.ts';
import { childOf, hasTemplate, type XmlElement } from './xml.ts';

const progressTemplate = '2.16.840.1.113883.10.20.22.4.110';
const achievementSystem = 'http://terminology.hl7.org/CodeSystem/goal-achievement';

/** SNOMED CT codes of the value set Goal Achievement, as FHIR's achievement status. */
const achievements: Readonly<Record<string, string>> = {
  '390802008': 'achieved',
  '390801001': 'not-achieved',
  '706905005': 'in-progress',
  '706906006': 'no-progress',
};

/** Outcome Observation: an Observation, linked from the goal that it evaluates and the activity that it comes from. */
export function takeOutcome(entry: XmlElement, reading: Reading): void {
  const observation = statementOf(entry);
  if (observation?.name !== 'observation') {
    reading.records.leave('An evaluation is no observation; it stays in the original.');
    return;
  }
  const { records, narrative, subject } = reading;
  if (isNegated(observation)) {
    records.leave('An outcome is negated; it stays in the original.');
    return;
  }
  for (const progress of relatedOf(observation).filter((one) => hasTemplate(one, progressTemplate)))
    tellGoals(progress, [...referredKeys(observation), ...referredKeys(progress)], reading);
  const words = wordsOf(childOf(observation, 'text'), narrative);
  const code =
    conceptOf(childOf(observation, 'code'), narrative) ?? (words === undefined ? undefined : { text: words });
  if (!code) {
    records.leave('An outcome says neither in codes nor in words what was found.');
    return;
  }
  const value = foundOf(childOf(observation, 'value'), reading);
  if (!value && words === undefined) {
    records.leave('An outcome has no value that could be read.');
    return;
  }
  const time = childOf(observation, 'effectiveTime');
  const effectiveDateTime = dateOf(time?.attributes.value) ?? dateOf(childOf(time, 'low')?.attributes.value);
  const made = records.add({
    resourceType: 'Observation',
    identifier: identifiersOf(observation),
    status: 'final',
    code,
    subject,
    ...(effectiveDateTime !== undefined && { effectiveDateTime }),
    ...(value ?? { valueString: words }),
  });
  linkFrom(referredKeys(observation), made, reading);
}

function linkFrom(keys: readonly string[], reference: string, { byKey, records }: Reading): void {
  const linked = keys.map((key) => byKey.get(key)).filter((one) => one !== undefined);
  for (const one of new Set(linked)) {
    if (typeof one !== 'string') one.outcomeReference = [...(one.outcomeReference ?? []), { reference }];
    else {
      const goal = goalAt(one, records.records);
      if (goal) goal.outcomeReference = [...(goal.outcomeReference ?? []), { reference }];
    }
  }
  if (linked.length === 0) records.leave('An outcome is of no goal and no intervention of the document.');
}

function tellGoals(progress: XmlElement, keys: readonly string[], { byKey, records }: Reading): void {
  const code = achievements[childOf(progress, 'value')?.attributes.code ?? ''];
  if (code === undefined) {
    records.leave('The progress toward a goal is told in a code that is not known.');
    return;
  }
  const time = childOf(progress, 'effectiveTime');
  const statusDate = dayOf(time?.attributes.value) ?? dayOf(childOf(time, 'low')?.attributes.value);
  for (const key of new Set(keys)) {
    const at = byKey.get(key);
    const goal = typeof at === 'string' ? goalAt(at, records.records) : undefined;
    if (!goal) continue;
    goal.achievementStatus = { coding: [{ system: achievementSystem, code }] };
    if (statusDate !== undefined) goal.statusDate = statusDate;
  }
}

function goalAt(fullUrl: string, records: readonly { fullUrl: string; resource: Resource }[]): r4.Goal | undefined {
  const found = records.find((one) => one.fullUrl === fullUrl)?.resource;
  return found?.resourceType === 'Goal' ? (found as Resource & r4.Goal) : undefined;
}
