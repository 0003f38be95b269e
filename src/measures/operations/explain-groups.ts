import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Explanation } from '../engine/contract.ts';
import { gapStatus, hasGaps } from '../report/gap-status.ts';
import { labelOf } from '../report/narrative.ts';
import type { GroupDefinition, MeasureComponent, Period, ReadyMeasure, SubjectResult } from '../types.ts';
import { type DueDates, dueDates } from './due-dates.ts';
import type { Asked } from './room.ts';
import { evaluateSeen, type SeenChild } from './sight.ts';

/** Whose measure is explained, and when. */
export interface ExplainedChild {
  asked: Asked;
  seen: SeenChild;
  period: Period;
}

/** These groups of the measure, each as a part `group`. A group of a composite has no logic of its own: its components are explained within it. */
export async function explainGroups(
  child: ExplainedChild,
  measure: ReadyMeasure,
  groups: readonly GroupDefinition[],
): Promise<Result<r4.ParametersParameter[]>> {
  const { asked, seen, period } = child;
  const result = await evaluateSeen(asked, measure, seen, period);
  if (!result.ok) return result;
  const due = await dueDates(asked, measure, seen, period);
  if (!due.ok) return due;
  const parts: r4.ParametersParameter[] = [];
  for (const group of groups) {
    const components = measure.components?.get(group.id);
    const inside = components ? await explainComponents(child, components) : await explainOne(child, measure, group);
    if (!inside.ok) return inside;
    parts.push(groupPart({ measure, group, result: result.value, due: due.value }, inside.value));
  }
  return ok(parts);
}

/** What a group is made of: why its expressions are what they are, or what it has components for. */
interface Inside {
  explained?: readonly Explanation[];
  components?: readonly r4.ParametersParameter[];
}

async function explainOne(
  { asked: { room }, seen, period }: ExplainedChild,
  { questions }: ReadyMeasure,
  { populations }: GroupDefinition,
): Promise<Result<Inside>> {
  if (!questions) return fail('unprocessable', 'This measure cannot be explained.', { code: 'not-supported' });
  const names = populations.map(({ expression }) => expression).filter((name) => questions.definitions.has(name));
  const at = { period, now: room.clock.now(), zone: room.zone };
  const explained = await questions.explain(seen.read, at, [...new Set(names)]);
  return explained.ok ? ok({ explained: explained.value }) : explained;
}

async function explainComponents(
  child: ExplainedChild,
  components: readonly MeasureComponent[],
): Promise<Result<Inside>> {
  const parts: r4.ParametersParameter[] = [];
  for (const { measure, groups } of components) {
    const counted = measure.groups.filter(({ id }) => groups.has(id));
    const explained = await explainGroups(child, measure, counted);
    if (!explained.ok) return explained;
    const { url, version, title, name = measure.name } = measure.resource;
    const canonical = [url, version].filter((part) => part !== undefined).join('|');
    const told: r4.ParametersParameter[] = [
      { name: 'measure', valueCanonical: canonical },
      { name: 'label', valueString: title ?? name },
    ];
    parts.push({ name: 'component', part: [...told, ...explained.value] });
  }
  return ok({ components: parts });
}

function groupPart(
  {
    measure,
    group,
    result: { groups },
    due: { today, byGroup },
  }: { measure: ReadyMeasure; group: GroupDefinition; result: SubjectResult; due: DueDates },
  { explained = [], components = [] }: Inside,
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
  return { name: 'group', part: [...part, ...components] };
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
