import type { Resource, r4 } from '../../fhir/types.ts';
import type { Period, ReadyMeasure } from '../types.ts';

/** What every MeasureReport of ours has. Source: FHIR R4, MeasureReport. */
export interface ReportContext {
  measure: ReadyMeasure;
  period: Period;
  now: Date;
}

/** Membership counts of one group, by population code. */
export type Counts = Record<string, number>;

/** Numerator over denominator less its exclusions; undefined, not 0, when there is nobody to count. */
function scoreOf(counts: Counts): number | undefined {
  const denominator = (counts.denominator ?? 0) - (counts['denominator-exclusion'] ?? 0);
  return denominator > 0 ? (counts.numerator ?? 0) / denominator : undefined;
}

/** The groups of a report, in the order of the measure. `listOf` names the contained List of a population, when there is one. */
export function reportGroups(
  measure: ReadyMeasure,
  countsOf: (group: string) => Counts,
  listOf?: (group: string, population: string) => string,
): r4.MeasureReportGroup[] {
  return (measure.resource.group ?? []).map((authored, index) => {
    const definition = measure.groups[index];
    const id = definition?.id ?? '';
    const counts = countsOf(id);
    const score = scoreOf(counts);
    const population = (authored.population ?? []).map(({ code }, place) => {
      const populationCode = definition?.populations[place]?.code ?? '';
      const entry: r4.MeasureReportGroupPopulation = { code, count: counts[populationCode] ?? 0 };
      if (listOf) entry.subjectResults = { reference: `#${listOf(id, populationCode)}` };
      return entry;
    });
    return { id, code: authored.code, population, ...(score !== undefined && { measureScore: { value: score } }) };
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
