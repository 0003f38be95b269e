import { visibilityOf } from '../access/decide.ts';
import type { Clock } from '../base/clock.ts';
import { fail, ok, type Result } from '../base/errors.ts';
import type { Resource } from '../fhir/types.ts';
import type { Operation, OperationRequest } from '../module.ts';
import type { Currency } from './currency/currency.ts';
import { evaluateSubject } from './evaluate-subject.ts';
import { parsePeriod } from './period.ts';
import { individualReport } from './report/individual.ts';
import { createTally } from './report/population.ts';
import type { Period, ReadyMeasure } from './types.ts';

type ReportType = 'subject' | 'subject-list' | 'population';

/** R4's names, and those that newer guides and the MeasureReport itself use for the same. */
const reportTypes: Record<string, ReportType> = {
  subject: 'subject',
  individual: 'subject',
  'subject-list': 'subject-list',
  population: 'population',
  summary: 'population',
};

interface Question {
  measure: ReadyMeasure;
  period: Period;
  reportType: ReportType;
  /** Set for report type `subject`. */
  patientId?: string;
}

/**
 * `Measure/$evaluate-measure` on the type and on one measure (FHIR R4, operation-measure-evaluate-measure).
 * Answers with a MeasureReport that is not stored.
 */
export function createEvaluateMeasure(
  measures: readonly ReadyMeasure[],
  clock: Clock,
  currency: Currency,
): Operation[] {
  const types = [...new Set(['Measure', ...measures.flatMap(({ retrieves }) => retrieves)])].sort();
  const operation: Omit<Operation, 'level'> = {
    name: 'evaluate-measure',
    definition: 'http://hl7.org/fhir/OperationDefinition/Measure-evaluate-measure',
    resourceType: 'Measure',
    affectsState: false,
    requires: types.map((type) => [type, type === 'Measure' ? 'r' : 'rs'] as const),
    async handle(request) {
      const question = parseQuestion(measures, request);
      if (!question.ok) return question;
      const allowed = checkReach(request, question.value);
      if (!allowed.ok) return allowed;
      return question.value.reportType === 'subject'
        ? reportOnSubject(request, question.value, clock, currency)
        : reportOnPopulation(request, question.value, clock, currency);
    },
  };
  return [
    { ...operation, level: 'type' },
    { ...operation, level: 'instance' },
  ];
}

function parseQuestion(measures: readonly ReadyMeasure[], { id, parameters }: OperationRequest): Result<Question> {
  for (const name of ['practitioner', 'lastReceivedOn']) {
    if (parameters.text(name) !== undefined) {
      return fail('invalid', `Parameter ${name} is not supported.`, { code: 'not-supported' });
    }
  }
  const asked = id ?? parameters.text('measure');
  if (asked === undefined) return fail('invalid', 'Parameter measure is required.', { code: 'required' });
  const measure = findMeasure(measures, asked);
  if (!measure) return fail('not-found', 'There is no such measure.');
  const period = parsePeriod(parameters.text('periodStart'), parameters.text('periodEnd'));
  if (!period.ok) return period;
  const subject = parameters.text('subject');
  const reportType = reportTypes[parameters.text('reportType') ?? (subject === undefined ? 'population' : 'subject')];
  if (!reportType) {
    return fail('invalid', 'reportType has to be subject, subject-list or population.', { code: 'value' });
  }
  const question: Question = { measure, period: period.value, reportType };
  if (reportType !== 'subject') {
    if (subject === undefined) return ok(question);
    return fail('invalid', 'Parameter subject goes with reportType subject only.', { code: 'value' });
  }
  if (subject === undefined) return fail('invalid', 'Parameter subject is required.', { code: 'required' });
  const patientId = /^(?:Patient\/)?([A-Za-z0-9\-.]{1,64})$/.exec(subject)?.[1];
  if (!patientId) return fail('invalid', 'Parameter subject has to be a Patient, as Patient/id.', { code: 'value' });
  return ok({ ...question, patientId });
}

/** By id, by `Measure/id`, or by canonical URL with or without its version. */
function findMeasure(measures: readonly ReadyMeasure[], asked: string): ReadyMeasure | undefined {
  return measures.find(({ resource: { id, url, version } }) =>
    [id, `Measure/${id}`, url, `${url}|${version}`].includes(asked),
  );
}

/**
 * A caller who sees some children only asks about one of those; records of which it sees some only are no ground for a measure. Decided by
 * what was granted alone, so that a refusal says nothing about records.
 */
function checkReach({ principal }: OperationRequest, { measure, reportType, patientId }: Question): Result<void> {
  // A report says by what it counts that something is there, also when the records are kept back.
  if (principal.view?.redaction?.rules.some(({ rule }) => rule.hidesVersions))
    return fail('forbidden', 'Reports on measures are not told to families.');
  const visibility = visibilityOf(principal, 'r');
  const limit = principal.patientId;
  const isOther = limit !== undefined && patientId !== limit;
  if (visibility.kind === 'all') return ok(undefined);
  const sees = (type: string) =>
    visibility.grants.some(
      ({ types, patients, having }) =>
        (types === 'any' || types.has(type)) &&
        (patients === undefined || (patientId !== undefined && patients.includes(patientId))) &&
        having === undefined,
    );
  const isReached = !isOther && ['Patient', ...measure.retrieves].every(sees);
  if (isReached) return ok(undefined);
  if (reportType !== 'subject') return fail('forbidden', 'This access token reaches one patient, not a population.');
  return fail('forbidden', 'This access token does not reach this subject.');
}

async function reportOnSubject(
  { store }: OperationRequest,
  { measure, period, patientId = '' }: Question,
  clock: Clock,
  currency: Currency,
): Promise<Result<Resource>> {
  const record = await currency.recordOf(store, [measure], patientId);
  if (!record) return fail('not-found', 'There is no such Patient.');
  const result = await evaluateSubject(measure, record, period);
  if (!result.ok) return result;
  return ok(individualReport({ measure, period, now: clock.now() }, patientId, result.value));
}

async function reportOnPopulation(
  { store }: OperationRequest,
  { measure, period, reportType }: Question,
  clock: Clock,
  currency: Currency,
): Promise<Result<Resource>> {
  const tally = createTally();
  await currency.eachResult(store, { measure, period }, tally.add);
  const context = { measure, period, now: clock.now() };
  return ok(reportType === 'population' ? tally.summary(context) : tally.subjectList(context));
}
