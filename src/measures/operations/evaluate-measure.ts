import { fail, ok, type Result } from '../../base/errors.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Operation } from '../../module.ts';
import { individualReport } from '../report/individual.ts';
import { subjectListReport, summaryReport } from '../report/population.ts';
import type { Period, ReadyMeasure } from '../types.ts';
import { periodAsked } from './ask-period.ts';
import { seenAnswers, seenPopulation, seenResults } from './population-seen.ts';
import { reachPopulation } from './reach.ts';
import { refuseParameters } from './refuse-parameters.ts';
import { type Asked, type MeasureRoom, reportContext } from './room.ts';
import { evaluateSeen, seenChild } from './sight.ts';
import { groupMembers, panelOf, subjectAsked } from './subjects.ts';

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
  subject?: { type: 'Patient' | 'Group'; id: string };
  practitioner?: string;
}

/**
 * `Measure/$evaluate-measure` on the type and on one measure (FHIR R4, operation-measure-evaluate-measure).
 * Answers with a MeasureReport that is not stored.
 */
export function evaluateMeasureOperation(room: MeasureRoom): Operation[] {
  const operation: Omit<Operation, 'level'> = {
    name: 'evaluate-measure',
    definition: 'http://hl7.org/fhir/OperationDefinition/Measure-evaluate-measure',
    resourceType: 'Measure',
    affectsState: false,
    later: true,
    parameters: ['periodStart', 'periodEnd', 'measure', 'reportType', 'subject', 'practitioner', 'lastReceivedOn'],
    requires: [
      ['Measure', 'r'],
      ['Patient', 'rs'],
    ],
    async handle(request) {
      const asked = { room, request };
      const question = parseQuestion(asked);
      if (!question.ok) return question;
      const { reportType, subject } = question.value;
      return reportType === 'subject'
        ? reportOnChild(asked, question.value, subject?.id ?? '')
        : reportOnPopulation(asked, question.value);
    },
  };
  return [
    { ...operation, level: 'type' },
    { ...operation, level: 'instance' },
  ];
}

function parseQuestion({ room, request: { id, parameters } }: Asked): Result<Question> {
  const refused = refuseParameters(parameters, ['lastReceivedOn']);
  if (!refused.ok) return refused;
  const asked = id ?? parameters.text('measure');
  if (asked === undefined) return fail('invalid', 'Parameter measure is required.', { code: 'required' });
  const measure = room.find(asked);
  if (!measure.ok) return measure;
  const period = periodAsked(parameters);
  if (!period.ok) return period;
  const subject = subjectAsked(parameters);
  if (!subject.ok) return subject;
  const isOne = subject.value?.type === 'Patient';
  const reportType = reportTypes[parameters.text('reportType') ?? (isOne ? 'subject' : 'population')];
  if (!reportType) {
    return fail('invalid', 'reportType has to be subject, subject-list or population.', { code: 'value' });
  }
  const question: Question = {
    measure: measure.value,
    period: period.value,
    reportType,
    subject: subject.value,
    practitioner: parameters.text('practitioner'),
  };
  return checkTogether(question);
}

/** What fits together with what. */
function checkTogether(question: Question): Result<Question> {
  const { reportType, subject, practitioner } = question;
  const refuse = (text: string) => fail('invalid', text, { code: 'value' });
  if (reportType === 'subject' && !subject) {
    return fail('invalid', 'Parameter subject is required.', { code: 'required' });
  }
  if (reportType === 'subject' && subject?.type === 'Group')
    return refuse('A report on one subject is about a Patient.');
  if (reportType !== 'subject' && subject?.type === 'Patient') {
    return refuse('A Patient as parameter subject goes with reportType subject only.');
  }
  if (reportType === 'subject' && practitioner !== undefined) {
    return refuse('Parameter practitioner goes with reports on more than one subject.');
  }
  if (subject && practitioner !== undefined) return refuse('Parameters subject and practitioner exclude each other.');
  return ok(question);
}

async function reportOnChild(
  asked: Asked,
  { measure, period }: Question,
  patientId: string,
): Promise<Result<Resource>> {
  const seen = await seenChild(asked, [measure], patientId);
  if (!seen.ok) return seen;
  const result = await evaluateSeen(asked, measure, seen.value, period);
  if (!result.ok) return result;
  return ok(individualReport(reportContext(asked.room, measure, period), patientId, result.value, seen.value.remarks));
}

async function reportOnPopulation(asked: Asked, question: Question): Promise<Result<Resource>> {
  const { measure, period, reportType } = question;
  const reach = reachPopulation(asked.request, measure.retrieves);
  if (!reach.ok) return reach;
  const subjects = await subjectsOf(asked, question, reach.value.visibility);
  if (!subjects.ok) return subjects;
  const population = await seenPopulation(asked, [measure], reach.value, subjects.value);
  const context = reportContext(asked.room, measure, period);
  if (reportType === 'subject-list') {
    const listed = await seenResults(asked, measure, period, population);
    if (!listed.ok) return listed;
    return ok(subjectListReport(context, listed.value.children, listed.value.uncounted, population.remarks));
  }
  const found = await seenAnswers(asked, measure, period, population);
  if (!found.ok) return found;
  const { remarks } = population;
  return ok(summaryReport(context, found.value.answers, found.value.uncounted, { remarks }));
}

function subjectsOf(
  { request }: Asked,
  { subject, practitioner, period }: Question,
  visibility: Parameters<typeof panelOf>[3],
): Promise<Result<string[] | undefined>> {
  if (subject) return groupMembers(request, subject.id, visibility, period.end);
  if (practitioner !== undefined) return panelOf(request, 'practitioner', practitioner, visibility);
  return Promise.resolve(ok(undefined));
}
