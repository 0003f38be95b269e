import { ofType } from '../../../fhir/of-type.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { Answer, FhirClient } from '../../shared/fhir-client.ts';
import { type GroupRates, groupsOf } from './read-report.ts';

export interface MeasureHead {
  id: string;
  title: string;
  /** Of its groups, by id. */
  labels: ReadonlyMap<string, string>;
  /** Counts children in proportions: a child can have a gap. */
  hasGaps: boolean;
}

/** The measures that run here, by title. */
export async function readMeasureHeads(client: FhirClient): Promise<Answer<MeasureHead[]>> {
  const found = await client.all('Measure?status=active,draft&_count=100');
  if (!found.ok) return found;
  const heads = found.value.map((resource) => headOf({ ...resource } as Resource & r4.Measure));
  return { ok: true, value: heads.sort((a, b) => a.title.localeCompare(b.title, 'en')) };
}

function headOf(measure: r4.Measure): MeasureHead {
  const basis = measure.extension?.find(({ url }) => url.endsWith('populationBasis'))?.valueCode ?? 'boolean';
  const groups = measure.group ?? [];
  return {
    id: measure.id ?? '',
    title: measure.title ?? measure.name ?? measure.id ?? '',
    labels: new Map(
      groups.map(({ id, code, description }) => [id ?? '', description ?? code?.text ?? measure.title ?? id ?? '']),
    ),
    hasGaps: basis === 'boolean' && measure.scoring?.coding?.[0]?.code === 'proportion',
  };
}

/** A report on everybody whom the reader may see; `isPublished`: as it may be handed on. */
export interface ReportQuestion {
  measure: MeasureHead;
  year: number;
  isPublished: boolean;
}

export interface YearReport {
  year: number;
  groups: GroupRates[];
  /** What the report says about itself, e.g. that records are kept back. */
  remarks: string[];
}

export async function readReports(
  client: FhirClient,
  questions: readonly ReportQuestion[],
): Promise<Answer<YearReport[]>> {
  const answers = await client.ask(questions.map((question) => ({ method: 'GET', url: reportUrl(question) })));
  const reports: YearReport[] = [];
  for (const [place, { measure, year }] of questions.entries()) {
    const answer = answers[place];
    if (!answer?.ok) return answer ?? { ok: false, trouble: { kind: 'unreachable', sentence: '' } };
    const report = { ...answer.value } as Resource & r4.MeasureReport;
    reports.push({ year, groups: groupsOf(report, measure.labels), remarks: remarksOf(report) });
  }
  return { ok: true, value: reports };
}

function reportUrl({ measure, year, isPublished }: ReportQuestion): string {
  const period = `periodStart=${year}&periodEnd=${year}`;
  return isPublished
    ? `Measure/${measure.id}/$published-report?${period}`
    : `Measure/${measure.id}/$evaluate-measure?${period}&reportType=population`;
}

/** Children who could not be counted, and why. */
function remarksOf({ contained = [] }: r4.MeasureReport): string[] {
  const outcomes = ofType(
    contained.map((each) => ({ ...each }) as Resource),
    'OperationOutcome',
  );
  return outcomes.flatMap(({ issue }) =>
    issue.flatMap(({ details, diagnostics }) => details?.text ?? diagnostics ?? []),
  );
}
