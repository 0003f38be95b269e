import { ok, type Result } from '../../base/errors.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Operation, OperationParameters } from '../../module.ts';
import { addUp } from '../report/add-up.ts';
import { type CoreSetHead, type CoreSetProblem, checkCoreSet, problemText } from '../report/core-set/checks.ts';
import { coreSetCsv } from '../report/core-set/csv.ts';
import { type CoreSetRow, coreSetRows } from '../report/core-set/rows.ts';
import type { Period, ReadyMeasure } from '../types.ts';
import { periodAsked } from './ask-period.ts';
import { measuresAsked } from './find-measure.ts';
import { seenAnswers, seenPopulation } from './population-seen.ts';
import { reachPopulation } from './reach.ts';
import { booleanOf } from './refuse-parameters.ts';
import type { Asked, MeasureRoom } from './room.ts';

const words = ['dataSource', 'deliverySystem', 'population', 'deviations'] as const;

/**
 * `Measure/$core-set-report` (our own): the worksheet for the Child Core Set as a Binary of text/csv, with exact counts, for who may see every
 * child. What the reporting application would refuse is refused here with everything that is wrong, unless asked for anyway.
 */
export function coreSetReportOperation(room: MeasureRoom): Operation[] {
  const operation: Omit<Operation, 'level'> = {
    name: 'core-set-report',
    definition: 'http://careweave.org/fhir/OperationDefinition/measure-core-set-report',
    resourceType: 'Measure',
    affectsState: false,
    later: true,
    parameters: ['measure', 'periodStart', 'periodEnd', 'anyway', ...words],
    requires: [
      ['Measure', 'r'],
      ['Patient', 'rs'],
    ],
    handle: (request) => coreSetReport({ room, request }),
  };
  return [
    { ...operation, level: 'type' },
    { ...operation, level: 'instance' },
  ];
}

async function coreSetReport(asked: Asked): Promise<Result<Resource>> {
  const { parameters } = asked.request;
  const measures = measuresAsked(asked, ['measure']);
  if (!measures.ok) return measures;
  const period = periodAsked(parameters);
  if (!period.ok) return period;
  const anyway = booleanOf(parameters, 'anyway', false);
  if (!anyway.ok) return anyway;
  const rows: CoreSetRow[] = [];
  for (const measure of measures.value) {
    const own = await rowsOf(asked, measure, period.value);
    if (!own.ok) return own;
    rows.push(...own.value);
    asked.request.progress?.(`${rows.length} rows`);
  }
  const head = headOf(parameters, period.value);
  const problems = checkCoreSet(rows, head);
  if (problems.length > 0 && !anyway.value) return refuse(problems);
  const csv = coreSetCsv(rows, head, problems);
  return ok({ resourceType: 'Binary', contentType: 'text/csv', data: Buffer.from(csv, 'utf8').toString('base64') });
}

async function rowsOf(asked: Asked, measure: ReadyMeasure, period: Period): Promise<Result<CoreSetRow[]>> {
  const reach = reachPopulation(asked.request, measure.retrieves);
  if (!reach.ok) return reach;
  const population = await seenPopulation(asked, [measure], reach.value, undefined);
  const found = await seenAnswers(asked, measure, period, population);
  return found.ok ? ok(coreSetRows(measure, addUp(measure, found.value.answers))) : found;
}

function headOf(parameters: OperationParameters, { start, end }: Period): CoreSetHead {
  const said = words.flatMap((name) => {
    const text = parameters.text(name);
    return text === undefined ? [] : [[name, text] as const];
  });
  return { start, end, ...Object.fromEntries(said) };
}

function refuse(problems: readonly CoreSetProblem[]): Result<never> {
  const issues = problems.map((problem) => ({ code: 'business-rule', text: problemText(problem) }));
  return { ok: false, error: { kind: 'unprocessable', issues } };
}
