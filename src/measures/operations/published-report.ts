import { fail, ok, type Result } from '../../base/errors.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation } from '../../module.ts';
import { largestHidden } from '../honest/suppression/cells.ts';
import { summaryReport } from '../report/population.ts';
import { hidingOf } from '../report/published.ts';
import { periodAsked } from './ask-period.ts';
import { measuresAsked } from './find-measure.ts';
import { seenAnswers } from './population-seen.ts';
import { type Asked, type MeasureRoom, reportContext } from './room.ts';
import { whoIsAsked } from './who.ts';

/** Said in the report, so that whoever reads it knows why counts are missing. */
const rule = (largest: number) =>
  `Counts from 1 to ${largest} are not shown, nor others from which one could be worked out; rates that rest on fewer than 30 are not shown.`;

const noPolicy = 'Nothing is published while no privacy policy is in force: it says how small a count may be told.';

/**
 * `Measure/$published-report` (our own): a summary that may be shown to everybody. Exact counts are for who may see every child; this is what
 * they hand on. `earlier` are reports on the measure that were published before.
 */
export function publishedReportOperation(room: MeasureRoom): Operation[] {
  const operation: Omit<Operation, 'level'> = {
    name: 'published-report',
    definition: 'http://careweave.org/fhir/OperationDefinition/measure-published-report',
    resourceType: 'Measure',
    affectsState: false,
    later: true,
    parameters: ['measure', 'periodStart', 'periodEnd', 'subject', 'practitioner', 'earlier'],
    requires: [
      ['Measure', 'r'],
      ['Patient', 'rs'],
    ],
    handle: (request) => publish({ room, request }),
  };
  return [
    { ...operation, level: 'type' },
    { ...operation, level: 'instance' },
  ];
}

async function publish(asked: Asked): Promise<Result<Resource>> {
  const { parameters } = asked.request;
  const measures = measuresAsked(asked, ['measure']);
  if (!measures.ok) return measures;
  const [measure, second] = measures.value;
  if (!measure || second) return fail('invalid', 'One measure is reported at a time.', { code: 'value' });
  const period = periodAsked(parameters);
  if (!period.ok) return period;
  const earlier = earlierReports(asked);
  if (!earlier.ok) return earlier;
  const other = earlier.value.find((report) => report.measure.split('|')[0] !== measure.resource.url);
  if (other) return fail('invalid', 'Parameter earlier has to be a report on the same measure.', { code: 'value' });
  const who = await whoIsAsked(asked, [measure], { mayBeAll: true, panels: ['practitioner'], on: period.value.end });
  if (!who.ok) return who;
  if (who.value.kind === 'child') return fail('invalid', 'A report on one child is not published.', { code: 'value' });
  const { population } = who.value;
  const found = await seenAnswers(asked, measure, period.value, population);
  if (!found.ok) return found;
  const { answers, uncounted } = found.value;
  const minimumCell = await asked.room.minimumCell();
  if (minimumCell === undefined) return fail('forbidden', noPolicy);
  const largest = largestHidden(minimumCell);
  return ok(
    summaryReport(reportContext(asked.room, measure, period.value), answers, uncounted, {
      hidingOf: (counts) => hidingOf(counts, { earlier: earlier.value, largest }),
      remarks: [...population.remarks, rule(largest)],
    }),
  );
}

function earlierReports({ request: { parameters } }: Asked): Result<r4.MeasureReport[]> {
  const given = parameters.resources?.('earlier') ?? [parameters.resource('earlier') ?? []].flat();
  const reports = given.filter((one): one is Resource & r4.MeasureReport => one.resourceType === 'MeasureReport');
  const isText = parameters.text('earlier') !== undefined;
  if (reports.length < given.length || isText || reports.some(({ measure }) => typeof measure !== 'string')) {
    return fail('invalid', 'Parameter earlier has to be a MeasureReport.', { code: 'value' });
  }
  return ok(reports);
}
