import { fail, ok, type Result } from '../../base/errors.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Operation } from '../../module.ts';
import { createReport } from '../report/measure-report.ts';
import type { Period, ReadyMeasure } from '../types.ts';
import { periodAsked } from './ask-period.ts';
import { tooMany } from './bound.ts';
import { collectionOf, returned } from './bundles.ts';
import { measuresAsked } from './find-measure.ts';
import { refuseParameters } from './refuse-parameters.ts';
import { neededOf } from './requirements.ts';
import { type Asked, type MeasureRoom, reportContext } from './room.ts';
import { type SeenChild, seenChild } from './sight.ts';
import { whoIsAsked } from './who.ts';

/** How often the same is sent: all of it each time. Source: Da Vinci DEQM, updateType. */
const updateTypeExtension = 'http://hl7.org/fhir/us/davinci-deqm/StructureDefinition/extension-updateType';

const unsupported = ['lastReceivedOn', 'validateResources', 'location', 'manifest', 'parameters'];

/**
 * `Measure/$collect-data` (FHIR R4, operation-measure-collect-data): what a measure reads of a child, as far as the asker may see it. Of one
 * child a data-collection MeasureReport and resources as parameters; of several a Bundle for each, in parameters named `return`
 * (Da Vinci DEQM).
 */
export function collectDataOperation(room: MeasureRoom): Operation[] {
  const operation: Omit<Operation, 'level'> = {
    name: 'collect-data',
    definition: 'http://hl7.org/fhir/OperationDefinition/Measure-collect-data',
    resourceType: 'Measure',
    affectsState: false,
    later: true,
    parameters: [
      ...['measure', 'measureUrl', 'measureId', 'periodStart', 'periodEnd', 'subject', 'subjectGroup', 'practitioner'],
      ...unsupported,
    ],
    requires: [
      ['Measure', 'r'],
      ['Patient', 'rs'],
    ],
    handle: (request) => collect({ room, request }),
  };
  return [
    { ...operation, level: 'type' },
    { ...operation, level: 'instance' },
  ];
}

async function collect(asked: Asked): Promise<Result<Resource>> {
  const { parameters, store } = asked.request;
  const refused = refuseParameters(parameters, unsupported);
  if (!refused.ok) return refused;
  const measures = measuresAsked(asked, ['measure', 'measureUrl', 'measureId']);
  if (!measures.ok) return measures;
  const period = periodAsked(parameters);
  if (!period.ok) return period;
  const who = await whoIsAsked(asked, measures.value, {
    mayBeAll: false,
    panels: ['practitioner'],
    on: period.value.end,
  });
  if (!who.ok) return who;
  if (who.value.kind === 'child') return ofOne(asked, measures.value, period.value, who.value.patientId);
  const { subjects = [], apart } = who.value.population;
  const children = [...subjects, ...apart].sort();
  const bound = tooMany(children.length);
  if (!bound.ok) return bound;
  const bundles: Resource[] = [];
  for (const patientId of children) {
    if ((await store.read('Patient', patientId)) === undefined) continue;
    const seen = await seenChild(asked, measures.value, patientId);
    if (!seen.ok) {
      if (seen.error.kind === 'not-found') continue;
      return seen;
    }
    const resources = measures.value.flatMap((measure) =>
      dataReport(asked, measure, period.value, patientId, seen.value),
    );
    const needed = neededOf(measures.value, seen.value.resources);
    bundles.push(collectionOf([...resources, ...needed], asked.room.clock.now()));
    asked.request.progress?.(`${bundles.length} of ${children.length} children`);
  }
  return ok(returned(bundles));
}

async function ofOne(
  asked: Asked,
  measures: readonly ReadyMeasure[],
  period: Period,
  patientId: string,
): Promise<Result<Resource>> {
  const [measure, second] = measures;
  if (!measure || second)
    return fail('invalid', 'Of one child the data of one measure are collected.', { code: 'value' });
  const seen = await seenChild(asked, measures, patientId);
  if (!seen.ok) return seen;
  const needed = neededOf(measures, seen.value.resources);
  return ok({
    resourceType: 'Parameters',
    parameter: [
      { name: 'measureReport', resource: dataReport(asked, measure, period, patientId, seen.value) },
      ...needed.map((resource) => ({ name: 'resource', resource })),
    ],
  });
}

/** Says whose data follow, for which measure and period; has no counts. */
function dataReport(
  { room }: Asked,
  measure: ReadyMeasure,
  period: Period,
  patientId: string,
  { resources }: SeenChild,
): Resource {
  return createReport(reportContext(room, measure, period), 'data-collection', {
    modifierExtension: [{ url: updateTypeExtension, valueCode: 'snapshot' }],
    subject: { reference: `Patient/${patientId}` },
    evaluatedResource: neededOf([measure], resources).map(({ resourceType, id }) => ({
      reference: `${resourceType}/${id}`,
    })),
  });
}
