import { createHash } from 'node:crypto';
import { fail, ok, type Result } from '../../base/errors.ts';
import type { At } from '../engine/contract.ts';
import { lastInstant } from '../engine/engine.ts';
import type { Slice } from '../engine/slice.ts';
import { evaluateSubject } from '../evaluate-subject.ts';
import { type ComponentResult, compositeResult } from '../populations/composite.ts';
import type {
  GroupDefinition,
  GroupResult,
  MeasureComponent,
  MeasureDefinition,
  ReadyMeasure,
  SubjectResult,
} from '../types.ts';

/** The components of each composite group, by group id; undefined for a measure without any. Error `not-found` names what is not here. */
export function findComponents(
  { groups }: MeasureDefinition,
  others: readonly ReadyMeasure[],
): Result<ReadonlyMap<string, readonly MeasureComponent[]> | undefined> {
  const composites = groups.filter(({ composite }) => composite !== undefined);
  if (composites.length === 0) return ok(undefined);
  const found = new Map<string, MeasureComponent[]>();
  for (const { id, composite } of composites) {
    const components: MeasureComponent[] = [];
    for (const { measure: canonical, group, weight = 1 } of composite?.components ?? []) {
      const measure = others.find(({ resource: { url, version } }) => [url, `${url}|${version}`].includes(canonical));
      const ids = (measure?.groups ?? [])
        .map((each) => each.id)
        .filter((each) => group === undefined || each === group);
      if (!measure || ids.length === 0) return notHere(canonical, group);
      if (measure.groups.some(({ scoring }) => scoring !== 'proportion'))
        return refuse(`Component ${canonical} has to be a proportion measure.`);
      components.push({ measure, groups: new Set(ids), weight });
    }
    found.set(id, components);
  }
  if (composites.length < groups.length) return refuse('A composite measure has no groups of another scoring.');
  return ok(found);
}

function notHere(canonical: string, group: string | undefined) {
  const what = group === undefined ? '' : ` with a group ${group}`;
  return fail('not-found', `Component ${canonical}${what} is not among the measures that can run.`, {
    expression: ['Measure.relatedArtifact'],
  });
}

function refuse(text: string) {
  return fail('unprocessable', text, { code: 'not-supported', expression: ['Measure.relatedArtifact'] });
}

/** Makes a composite run: each of its components is evaluated once for a child, and their answers are put together. */
export function compositeMeasure(
  definition: MeasureDefinition,
  components: ReadonlyMap<string, readonly MeasureComponent[]>,
): Result<ReadyMeasure> {
  const all = [...new Set([...components.values()].flat().map(({ measure }) => measure))];
  const put = (results: ReadonlyMap<ReadyMeasure, SubjectResult>): SubjectResult => {
    const groups = definition.groups.map((group) => compositeResult(group, partsOf(group, components, results)));
    return {
      groups,
      supplemental: Object.assign({}, ...[...results.values()].map(({ supplemental }) => supplemental)),
    };
  };
  const answer = (slice: Slice, at: At): Result<SubjectResult> => {
    const results = new Map<ReadyMeasure, SubjectResult>();
    for (const measure of all) {
      const result = measure.answer?.(slice, at) ?? fail('internal', `Measure ${measure.name} cannot be asked here.`);
      if (!result.ok) return result;
      results.set(measure, result.value);
    }
    return ok(put(results));
  };
  const evaluate: ReadyMeasure['evaluate'] = async (resources, period, at = lastInstant(period)) => {
    const results = new Map<ReadyMeasure, SubjectResult>();
    for (const measure of all) {
      const result = await evaluateSubject(measure, resources, period, at);
      if (!result.ok) return result;
      results.set(measure, result.value);
    }
    return ok(put(results));
  };
  return ok({
    ...definition,
    components,
    retrieves: [...new Set(all.flatMap(({ retrieves }) => retrieves))].sort(),
    valueSets: all.flatMap(({ valueSets }) => valueSets),
    logicHash: createHash('sha256')
      .update([definition.logicHash, ...all.map(({ logicHash }) => logicHash)].join(' '))
      .digest('hex'),
    needs: all.flatMap(({ needs }) => needs ?? []),
    readsToday: all.some(({ readsToday }) => readsToday),
    evaluate,
    // A component that was posted runs in another process and cannot answer at once.
    ...(all.every((measure) => measure.answer !== undefined) && { answer }),
  });
}

function partsOf(
  { id }: GroupDefinition,
  components: ReadonlyMap<string, readonly MeasureComponent[]>,
  results: ReadonlyMap<ReadyMeasure, SubjectResult>,
): ComponentResult[] {
  return (components.get(id) ?? []).flatMap(({ measure, groups, weight }) => {
    const answered: readonly GroupResult[] = results.get(measure)?.groups ?? [];
    return measure.groups
      .filter((group) => groups.has(group.id))
      .flatMap((group) =>
        answered.filter((result) => result.group === group.id).map((result) => ({ group, result, weight })),
      );
  });
}
