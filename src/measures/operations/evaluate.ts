import { fail, ok, type Result } from '../../base/errors.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Operation } from '../../module.ts';
import { individualReport } from '../report/individual.ts';
import { subjectListReport, summaryReport } from '../report/population.ts';
import type { Period, ReadyMeasure } from '../types.ts';
import { periodAsked } from './ask-period.ts';
import { tooMany } from './bound.ts';
import { collectionOf, evaluatedOf, returned } from './bundles.ts';
import { measuresAsked } from './find-measure.ts';
import { type SeenPopulation, seenAnswers, seenResults } from './population-seen.ts';
import { refuseParameters } from './refuse-parameters.ts';
import { type Asked, type MeasureRoom, reportContext } from './room.ts';
import { evaluateSeen, seenChild } from './sight.ts';
import { whoIsAsked } from './who.ts';

const reportTypes = ['individual', 'subject-list', 'summary'] as const;
type ReportType = (typeof reportTypes)[number];

interface Question {
  measures: readonly ReadyMeasure[];
  period: Period;
  reportType?: ReportType;
}

const unsupported = [
  'location',
  'parameters',
  'manifest',
  'lastReceivedOn',
  'providerResource',
  'measureResource',
  'measureIdentifier',
];

/**
 * `Measure/$evaluate` (Da Vinci DEQM): several measures at once, as Bundles in parameters named `return`. Individual reports: a Bundle for each
 * child, reports first, of one child also what was counted; otherwise one Bundle.
 */
export function evaluateOperation(room: MeasureRoom): Operation[] {
  const operation: Omit<Operation, 'level'> = {
    name: 'evaluate',
    definition: 'http://careweave.org/fhir/OperationDefinition/measure-evaluate',
    resourceType: 'Measure',
    affectsState: false,
    later: true,
    parameters: [
      ...[
        'measureUrl',
        'measureId',
        'measure',
        'periodStart',
        'periodEnd',
        'reportType',
        'subject',
        'subjectGroup',
        'provider',
      ],
      ...unsupported,
    ],
    requires: [
      ['Measure', 'r'],
      ['Patient', 'rs'],
    ],
    async handle(request) {
      const asked = { room, request };
      const question = parseQuestion(asked);
      if (!question.ok) return question;
      const who = await whoIsAsked(asked, question.value.measures, {
        mayBeAll: true,
        panels: ['provider'],
        on: question.value.period.end,
      });
      if (!who.ok) return who;
      return who.value.kind === 'child'
        ? reportOnChild(asked, question.value, who.value.patientId)
        : reportOnPopulation(asked, question.value, who.value.population);
    },
  };
  return [
    { ...operation, level: 'type' },
    { ...operation, level: 'instance' },
  ];
}

function parseQuestion(asked: Asked): Result<Question> {
  const { parameters } = asked.request;
  const refused = refuseParameters(parameters, unsupported);
  if (!refused.ok) return refused;
  const measures = measuresAsked(asked, ['measureUrl', 'measureId', 'measure']);
  if (!measures.ok) return measures;
  const period = periodAsked(parameters);
  if (!period.ok) return period;
  const text = parameters.text('reportType');
  const reportType = reportTypes.find((known) => known === text);
  if (text !== undefined && !reportType) {
    return fail('invalid', `reportType has to be one of ${reportTypes.join(', ')}.`, { code: 'value' });
  }
  return ok({ measures: measures.value, period: period.value, ...(reportType && { reportType }) });
}

async function reportOnChild(
  asked: Asked,
  { measures, period, reportType = 'individual' }: Question,
  patientId: string,
): Promise<Result<Resource>> {
  if (reportType !== 'individual') {
    return fail('invalid', 'Of one Patient only reportType individual is told.', { code: 'value' });
  }
  const seen = await seenChild(asked, measures, patientId);
  if (!seen.ok) return seen;
  const reports: Resource[] = [];
  for (const measure of measures) {
    const result = await evaluateSeen(asked, measure, seen.value, period);
    if (!result.ok) return result;
    const context = reportContext(asked.room, measure, period);
    reports.push(individualReport(context, patientId, result.value, seen.value.remarks));
  }
  const counted = new Set(reports.flatMap((report) => evaluatedOf(report, seen.value.resources)));
  return ok(returned([collectionOf([...reports, ...counted], asked.room.clock.now())]));
}

async function reportOnPopulation(
  asked: Asked,
  { measures, period, reportType = 'summary' }: Question,
  population: SeenPopulation,
): Promise<Result<Resource>> {
  const now = asked.room.clock.now();
  if (reportType === 'individual') return reportOnEach(asked, measures, period, population);
  const reports: Resource[] = [];
  for (const measure of measures) {
    const context = reportContext(asked.room, measure, period);
    asked.request.progress?.(`${reports.length} of ${measures.length} measures`);
    if (reportType === 'subject-list') {
      const listed = await seenResults(asked, measure, period, population);
      if (!listed.ok) return listed;
      reports.push(subjectListReport(context, listed.value.children, listed.value.uncounted, population.remarks));
    } else {
      const found = await seenAnswers(asked, measure, period, population);
      if (!found.ok) return found;
      const { remarks } = population;
      reports.push(summaryReport(context, found.value.answers, found.value.uncounted, { remarks }));
    }
  }
  return ok(returned([collectionOf(reports, now)]));
}

/** A Bundle for each child; a child for whom a measure fails has no report of it. */
async function reportOnEach(
  asked: Asked,
  measures: readonly ReadyMeasure[],
  period: Period,
  population: SeenPopulation,
): Promise<Result<Resource>> {
  const byChild = new Map<string, Resource[]>();
  for (const [place, measure] of measures.entries()) {
    asked.request.progress?.(`${place} of ${measures.length} measures`);
    const context = reportContext(asked.room, measure, period);
    const listed = await seenResults(asked, measure, period, population);
    if (!listed.ok) return listed;
    for (const { patientId, result } of listed.value.children) {
      const reports = byChild.get(patientId) ?? [];
      byChild.set(patientId, reports);
      reports.push(individualReport(context, patientId, result, population.remarks));
    }
    const bound = tooMany(byChild.size);
    if (!bound.ok) return bound;
  }
  const now = asked.room.clock.now();
  return ok(
    returned([...byChild].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, reports]) => collectionOf(reports, now))),
  );
}
