import type { r4 } from '../../fhir/types.ts';
import type { CompositeScoring, GroupDefinition, PopulationDefinition, Scoring } from '../types.ts';
import { compositeOf } from './composite.ts';
import { extensionText } from './extension.ts';
import { populationsOf } from './populations-of.ts';
import type { Problems } from './problems.ts';
import { rateUnitOf } from './rate-unit.ts';
import { isScoring, isShareOfChild, populationsOfScoring } from './scorings.ts';
import { stratifiersOf } from './stratifier.ts';

export interface GroupContext {
  measure: r4.Measure;
  /** Names of FHIR resource types. */
  types: ReadonlySet<string>;
  problems: Problems;
}

/** One group of the Measure. What is said at the group goes before what is said of the whole Measure. */
export function groupOf(group: r4.MeasureGroup, id: string, place: string, context: GroupContext): GroupDefinition {
  const { measure, problems } = context;
  const scoring = scoringOf(group, place, context);
  const shape = {
    id,
    scoring,
    basis: basisOf(group, place, context),
    improvement: improvementOf(group, place, context),
  };
  const rateUnit = rateUnitOf(group, place, problems) ?? rateUnitOf(measure, 'Measure', problems);
  const rateAggregation = extensionText(group, 'rateAggregation') ?? extensionText(measure, 'rateAggregation');
  const told = { ...(rateUnit && { rateUnit }), ...(rateAggregation !== undefined && { rateAggregation }) };
  if (scoring === 'composite') {
    const composite = compositeOf(measure, group, place, problems);
    return { ...shape, ...told, composite, populations: compositePopulations(composite.scoring), stratifiers: [] };
  }
  const populations = populationsOf(group, scoring, place, problems);
  return { ...shape, ...told, populations, stratifiers: stratifiersOf(group, populations, place, problems) };
}

function scoringOf(group: r4.MeasureGroup, place: string, { measure, problems }: GroupContext): Scoring {
  const own = extensionText(group, 'scoring');
  const code = own ?? measure.scoring?.coding?.find((coding) => isScoring(coding.code ?? ''))?.code;
  if (code !== undefined && isScoring(code)) return code;
  const text = `scoring has to be one of ${Object.keys(populationsOfScoring).join(', ')}.`;
  if (own !== undefined) problems.add('value', `${place}.extension`, text);
  else problems.add(measure.scoring ? 'value' : 'required', 'Measure.scoring', text);
  return 'proportion';
}

function basisOf(group: r4.MeasureGroup, place: string, { measure, types, problems }: GroupContext): string {
  const own = extensionText(group, 'populationBasis');
  const basis = own ?? extensionText(measure, 'populationBasis') ?? 'boolean';
  if (basis === 'boolean' || types.has(basis)) return basis;
  problems.add(
    'not-supported',
    `${own === undefined ? 'Measure' : place}.extension`,
    'populationBasis has to be boolean or a resource type.',
  );
  return 'boolean';
}

function improvementOf(
  group: r4.MeasureGroup,
  place: string,
  { measure, problems }: GroupContext,
): 'increase' | 'decrease' {
  const own = extensionText(group, 'improvementNotation');
  const code = own ?? measure.improvementNotation?.coding?.[0]?.code ?? 'increase';
  if (code === 'increase' || code === 'decrease') return code;
  const at = own === undefined ? 'Measure.improvementNotation' : `${place}.extension`;
  problems.add('value', at, 'improvementNotation has to be increase or decrease.');
  return 'increase';
}

/** A composite group counts what its components found, so its populations are given by its scoring and not by criteria. */
function compositePopulations(scoring: CompositeScoring): PopulationDefinition[] {
  const populations = ['initial-population', 'denominator', 'numerator'].map(
    (code): PopulationDefinition => ({ id: code, code, expression: '', evidence: [] }),
  );
  if (!isShareOfChild(scoring)) return populations;
  const observation = { id: 'measure-observation', code: 'measure-observation', expression: '', evidence: [] };
  return [...populations.slice(0, 2), { ...observation, criteriaReference: 'denominator', aggregateMethod: 'average' }];
}
