import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation } from '../../module.ts';
import type { Explanation } from '../engine/contract.ts';
import { gapStatus, hasGaps } from '../report/gap-status.ts';
import { labelOf } from '../report/narrative.ts';
import type { GroupDefinition, ReadyMeasure, SubjectResult } from '../types.ts';
import { periodAsked } from './ask-period.ts';
import { dueDates } from './due-dates.ts';
import { measuresAsked } from './find-measure.ts';
import type { Asked, MeasureRoom } from './room.ts';
import { evaluateSeen, seenChild } from './sight.ts';
import { subjectAsked } from './subjects.ts';

/**
 * `Measure/$explain` (our own): why a child is or is not met. Of every population its expression, what it came to, the records that made it
 * so, and the parts of the expression, as far as they decide. Seen only by who may see the child; records that are kept back from the
 * asker take no part.
 */
export function explainOperation(room: MeasureRoom): Operation[] {
  const operation: Omit<Operation, 'level'> = {
    name: 'explain',
    definition: 'http://careweave.org/fhir/OperationDefinition/measure-explain',
    resourceType: 'Measure',
    affectsState: false,
    parameters: ['measure', 'periodStart', 'periodEnd', 'subject', 'group'],
    requires: [
      ['Measure', 'r'],
      ['Patient', 'rs'],
    ],
    handle: (request) => explain({ room, request }),
  };
  return [
    { ...operation, level: 'type' },
    { ...operation, level: 'instance' },
  ];
}

async function explain(asked: Asked): Promise<Result<Resource>> {
  const { parameters } = asked.request;
  const measures = measuresAsked(asked, ['measure']);
  if (!measures.ok) return measures;
  const [measure, second] = measures.value;
  if (!measure || second) return fail('invalid', 'One measure is explained at a time.', { code: 'value' });
  const period = periodAsked(parameters);
  if (!period.ok) return period;
  const subject = subjectAsked(parameters);
  if (!subject.ok) return subject;
  if (!subject.value) return fail('invalid', 'Parameter subject is required.', { code: 'required' });
  if (subject.value.type !== 'Patient')
    return fail('invalid', 'Parameter subject has to be a Patient.', { code: 'value' });
  const groups = groupsAsked(measure, parameters.text('group'));
  if (!groups.ok) return groups;
  const seen = await seenChild(asked, [measure], subject.value.id);
  if (!seen.ok) return seen;
  const result = await evaluateSeen(asked, measure, seen.value, period.value);
  if (!result.ok) return result;
  const due = await dueDates(asked, measure, seen.value, period.value);
  if (!due.ok) return due;
  const { clock, zone } = asked.room;
  const { questions } = measure;
  if (!questions) return fail('unprocessable', 'This measure cannot be explained.', { code: 'not-supported' });
  const parts: r4.ParametersParameter[] = seen.value.remarks.map((text) => ({ name: 'remark', valueString: text }));
  for (const group of groups.value) {
    const expressions = group.populations
      .map(({ expression }) => expression)
      .filter((name) => questions.definitions.has(name));
    const at = { period: period.value, now: clock.now(), zone };
    const explained = await questions.explain(seen.value.read, at, [...new Set(expressions)]);
    if (!explained.ok) return explained;
    parts.push(groupPart(measure, group, result.value, explained.value, due.value));
  }
  return ok({ resourceType: 'Parameters', parameter: parts });
}

function groupsAsked(measure: ReadyMeasure, id: string | undefined): Result<readonly GroupDefinition[]> {
  if (id === undefined) return ok(measure.groups);
  const found = measure.groups.filter((group) => group.id === id);
  return found.length > 0 ? ok(found) : fail('not-found', 'The measure has no such group.');
}

function groupPart(
  measure: ReadyMeasure,
  group: GroupDefinition,
  { groups }: SubjectResult,
  explained: readonly Explanation[],
  { today, byGroup }: { today: string; byGroup: ReadonlyMap<string, string> },
): r4.ParametersParameter {
  const units = groups.find((each) => each.group === group.id)?.units ?? [];
  const dueOn = byGroup.get(group.id);
  const part: r4.ParametersParameter[] = [
    { name: 'id', valueString: group.id },
    { name: 'label', valueString: labelOf(measure, group, measure.groups.indexOf(group)) },
  ];
  if (hasGaps(group)) part.push({ name: 'status', valueCode: gapStatus(group, units[0], { today, dueOn }) });
  if (dueOn !== undefined) part.push({ name: 'due', valueDate: dueOn });
  for (const population of group.populations) {
    const count = units.filter(({ populations }) => populations.includes(population.id)).length;
    const why = explained.find(({ expression }) => expression === population.expression);
    part.push({
      name: 'population',
      part: [
        { name: 'code', valueCode: population.code },
        // What an expression holds and what a child counts in differ: the numerator counts within the denominator only.
        { name: 'count', valueInteger: count },
        ...(why ? explanationParts(why) : []),
      ],
    });
  }
  return { name: 'group', part };
}

/** The expression with what it was made of, not deeper and not more than can be read. */
function explanationParts(why: Explanation): r4.ParametersParameter[] {
  let left: number = limits.measures.explainedParts;
  const tell = (each: Explanation, depth: number): r4.ParametersParameter[] => {
    const told: r4.ParametersParameter[] = [
      { name: 'text', valueString: textOf(each) },
      ...(typeof each.holds === 'boolean' ? [{ name: 'holds', valueBoolean: each.holds }] : []),
      ...each.references.map((reference) => ({ name: 'record', valueReference: { reference } })),
    ];
    if (depth >= limits.measures.explainedDepth) return told;
    for (const inner of each.parts) {
      if (left <= 0) break;
      left -= 1;
      told.push({ name: 'because', part: tell(inner, depth + 1) });
    }
    return told;
  };
  return [{ name: 'because', part: tell(why, 0) }];
}

/** `Numerator (ChildhoodImmunizationStatus 44:3-44:45, And): false`. */
function textOf({ library, expression, locator, node, value }: Explanation): string {
  const place = [library, ...(locator === undefined ? [] : [locator])].join(' ');
  return `${expression} (${[place, ...(node === 'Definition' ? [] : [node])].join(', ')}): ${value}`;
}
