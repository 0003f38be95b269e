import type { Resource, r4 } from '../../fhir/types.ts';
import { scoreOf, type Tally } from '../counts.ts';
import type { GroupDefinition, Period, ReadyMeasure } from '../types.ts';

/** What every MeasureReport of ours has. Source: FHIR R4, MeasureReport. */
export interface ReportContext {
  measure: ReadyMeasure;
  period: Period;
  now: Date;
}

/** The groups of a report, in the order of the measure. `listOf` names the contained List of a population, when there is one. */
export function reportGroups(
  measure: ReadyMeasure,
  counted: (group: GroupDefinition) => Tally,
  listOf?: (group: string, population: string) => string,
): r4.MeasureReportGroup[] {
  return measure.groups.map((definition, index) => {
    const authored = measure.resource.group?.[index];
    const { id } = definition;
    const tally = counted(definition);
    const score = scoreOf(definition, tally);
    const population = (authored?.population ?? []).map(({ code }, place) => {
      const populationId = definition.populations[place]?.id ?? '';
      const entry: r4.MeasureReportGroupPopulation = { code, count: tally.counts[populationId] ?? 0 };
      if (listOf) entry.subjectResults = { reference: `#${listOf(id, populationId)}` };
      return entry;
    });
    return { id, code: authored?.code, population, ...(score !== undefined && { measureScore: { value: score } }) };
  });
}

export function createReport(
  { measure, period, now }: ReportContext,
  type: r4.MeasureReport['type'],
  rest: Partial<r4.MeasureReport>,
): Resource {
  const { url = '', version } = measure.resource;
  const { contained, extension, ...others } = rest;
  const report: r4.MeasureReport = {
    resourceType: 'MeasureReport',
    ...(contained?.length && { contained }),
    ...(extension?.length && { extension }),
    status: 'complete',
    type,
    measure: version === undefined ? url : `${url}|${version}`,
    date: now.toISOString(),
    period: { start: period.start, end: period.end },
    improvementNotation: measure.resource.improvementNotation,
    ...others,
  };
  return { ...report };
}
