import { fail, ok, type Result } from '../../base/errors.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Operation } from '../../module.ts';
import { type GapStatus, gapStatus, gapStatuses, hasGaps, isOpen, reasonFor } from '../report/gap-status.ts';
import { type Gap, gapsBundle, type MeasureGaps, remarked } from '../report/gaps-document.ts';
import { individualReport } from '../report/individual.ts';
import { labelOf } from '../report/narrative.ts';
import type { Period, ReadyMeasure, SubjectResult } from '../types.ts';
import { periodAsked } from './ask-period.ts';
import { tooMany } from './bound.ts';
import { returned, withNewId } from './bundles.ts';
import { dueDates } from './due-dates.ts';
import { measuresAsked } from './find-measure.ts';
import { gapRemarks } from './gap-remarks.ts';
import { type SeenPopulation, seenResults } from './population-seen.ts';
import { booleanOf, refuseParameters } from './refuse-parameters.ts';
import { notFoundOf } from './requirements.ts';
import { type Asked, type MeasureRoom, reportContext } from './room.ts';
import { evaluateSeen, type SeenChild, seenChild } from './sight.ts';
import { whoIsAsked } from './who.ts';

interface Question {
  measures: readonly ReadyMeasure[];
  period: Period;
  statuses: ReadonlySet<GapStatus>;
  isDocument: boolean;
}

const unsupported = ['location', 'parameters', 'manifest', 'topic', 'program', 'measureIdentifier'];

/**
 * `Measure/$care-gaps` (Da Vinci DEQM): for each child who has a gap of one of the statuses a Bundle, in parameters named `return`. A child
 * without one has no Bundle.
 */
export function careGapsOperation(room: MeasureRoom): Operation[] {
  const operation: Omit<Operation, 'level'> = {
    name: 'care-gaps',
    definition: 'http://careweave.org/fhir/OperationDefinition/measure-care-gaps',
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
        'status',
        'subject',
        'subjectGroup',
        'isDocument',
      ],
      ...['organization', 'practitioner', 'provider'],
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
      const panels = ['practitioner', 'provider', 'organization'];
      const who = await whoIsAsked(asked, question.value.measures, { mayBeAll: false, panels });
      if (!who.ok) return who;
      return who.value.kind === 'child'
        ? gapsOfChild(asked, question.value, who.value.patientId)
        : gapsOfMany(asked, question.value, who.value.population);
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
  const without = measures.value.find(({ groups }) => !groups.some(hasGaps));
  if (without) {
    const text = `Gaps are told of proportions that count children; Measure ${without.name} has none.`;
    return fail('unprocessable', text, { code: 'not-supported' });
  }
  const period = periodAsked(parameters);
  if (!period.ok) return period;
  const texts = parameters.texts('status').flatMap((text) => text.split(','));
  if (texts.length === 0) return fail('invalid', 'Parameter status is required.', { code: 'required' });
  const statuses = texts.flatMap((text) => gapStatuses.find((known) => known === text) ?? []);
  if (statuses.length < texts.length) {
    return fail('invalid', `Parameter status has to be one of ${gapStatuses.join(', ')}.`, { code: 'value' });
  }
  const isDocument = booleanOf(parameters, 'isDocument', true);
  if (!isDocument.ok) return isDocument;
  return ok({
    measures: measures.value,
    period: period.value,
    statuses: new Set(statuses),
    isDocument: isDocument.value,
  });
}

async function gapsOfChild(asked: Asked, question: Question, patientId: string): Promise<Result<Resource>> {
  const seen = await seenChild(asked, question.measures, patientId);
  if (!seen.ok) return seen;
  const results: [ReadyMeasure, SubjectResult][] = [];
  for (const measure of question.measures) {
    const result = await evaluateSeen(asked, measure, seen.value, question.period);
    if (!result.ok) return result;
    results.push([measure, result.value]);
  }
  const bundle = await bundleOf(asked, question, patientId, seen.value, results);
  return bundle.ok ? ok(returned(bundle.value ? [bundle.value] : [])) : bundle;
}

async function gapsOfMany(asked: Asked, question: Question, population: SeenPopulation): Promise<Result<Resource>> {
  const { measures, period } = question;
  const byChild = new Map<string, [ReadyMeasure, SubjectResult][]>();
  for (const [place, measure] of measures.entries()) {
    asked.request.progress?.(`${place} of ${measures.length} measures`);
    const listed = await seenResults(asked, measure, period, population);
    if (!listed.ok) return listed;
    for (const { patientId, result } of listed.value.children) {
      byChild.set(patientId, [...(byChild.get(patientId) ?? []), [measure, result]]);
    }
  }
  const withGaps = [...byChild]
    .filter(([, results]) => results.some(([measure, result]) => mayMatch(question, measure, result)))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const bound = tooMany(withGaps.length);
  if (!bound.ok) return bound;
  const bundles: Resource[] = [];
  for (const [patientId, results] of withGaps) {
    const seen = await seenChild(asked, measures, patientId);
    if (!seen.ok) {
      if (seen.error.kind === 'not-found') continue;
      return seen;
    }
    const bundle = await bundleOf(asked, question, patientId, seen.value, results);
    if (!bundle.ok) return bundle;
    if (bundle.value) bundles.push(bundle.value);
    if (bundles.length % 50 === 0) asked.request.progress?.(`${bundles.length} of ${withGaps.length} children`);
  }
  return ok(returned(bundles));
}

/** Without a look at due dates: an open gap may turn out to be prospective. */
function mayMatch({ statuses }: Question, measure: ReadyMeasure, result: SubjectResult): boolean {
  return measure.groups.filter(hasGaps).some((group) => {
    const status = gapStatus(group, unitOf(result, group.id), { today: '' });
    return statuses.has(status) || (status === 'open-gap' && statuses.has('prospective-gap'));
  });
}

function unitOf({ groups }: SubjectResult, id: string): SubjectResult['groups'][number]['units'][number] | undefined {
  return groups.find(({ group }) => group === id)?.units[0];
}

/** Undefined when the child has no gap of the statuses asked for. */
async function bundleOf(
  asked: Asked,
  { measures: _measures, period, statuses, isDocument }: Question,
  patientId: string,
  seen: SeenChild,
  results: readonly (readonly [ReadyMeasure, SubjectResult])[],
): Promise<Result<Resource | undefined>> {
  const { room } = asked;
  const told: MeasureGaps[] = [];
  for (const [measure, result] of results) {
    const due = await dueDates(asked, measure, seen, period);
    if (!due.ok) return due;
    const gaps = measure.groups.flatMap((group, index) => {
      if (!hasGaps(group)) return [];
      const status = gapStatus(group, unitOf(result, group.id), {
        today: due.value.today,
        dueOn: due.value.byGroup.get(group.id),
      });
      const gap: Gap = { group: group.id, label: labelOf(measure, group, index), status };
      const reason = isOpen(status) ? reasonFor(group) : undefined;
      if (reason === 'NotFound') gap.notFound = notFoundOf(measure, group.id, seen.read);
      return statuses.has(status) ? [{ ...gap, ...(reason && { reason }) }] : [];
    });
    if (gaps.length === 0) continue;
    const context = reportContext(room, measure, period);
    const remarks = await gapRemarks(asked, measure, patientId, period);
    const report = withNewId(remarked(individualReport(context, patientId, result, seen.remarks), remarks));
    told.push({ measure, report, gaps });
  }
  if (told.length === 0) return ok(undefined);
  const patient = seen.resources.find(({ resourceType }) => resourceType === 'Patient');
  const { reporter, clock } = room;
  return ok(gapsBundle(told, { patientId, patient, reporter, now: clock.now(), isDocument }));
}
