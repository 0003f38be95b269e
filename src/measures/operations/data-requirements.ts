import { ok, type Result } from '../../base/errors.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { canonicalOf } from '../report/measure-report.ts';
import type { ReadyMeasure } from '../types.ts';
import { periodAsked } from './ask-period.ts';
import { measuresAsked } from './find-measure.ts';
import { requirementsOf } from './requirements.ts';
import type { MeasureRoom } from './room.ts';

/**
 * `Measure/$data-requirements` (FHIR R4, operation-measure-data-requirements): what a measure reads of a child, found in its compiled
 * logic, as a Library of type module-definition. Says nothing of any child, so reading Measures is enough.
 */
export function dataRequirementsOperation(room: MeasureRoom): Operation[] {
  const operation: Omit<Operation, 'level'> = {
    name: 'data-requirements',
    definition: 'http://hl7.org/fhir/OperationDefinition/Measure-data-requirements',
    resourceType: 'Measure',
    affectsState: false,
    parameters: ['measure', 'measureUrl', 'measureId', 'periodStart', 'periodEnd'],
    requires: [['Measure', 'r']],
    handle: async (request) => dataRequirements(room, request),
  };
  return [
    { ...operation, level: 'type' },
    { ...operation, level: 'instance' },
  ];
}

function dataRequirements(room: MeasureRoom, request: OperationRequest): Result<Resource> {
  const measures = measuresAsked({ room, request }, ['measure', 'measureUrl', 'measureId']);
  if (!measures.ok) return measures;
  const period = periodAsked(request.parameters);
  if (!period.ok) return period;
  const library: r4.Library = {
    resourceType: 'Library',
    status: 'active',
    type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/library-type', code: 'module-definition' }] },
    subjectCodeableConcept: { coding: [{ system: 'http://hl7.org/fhir/resource-types', code: 'Patient' }] },
    date: room.clock.now().toISOString(),
    effectivePeriod: { start: period.value.start, end: period.value.end },
    relatedArtifact: measures.value.flatMap(artifactsOf),
    dataRequirement: onceEach(measures.value.flatMap(requirementsOf)),
  };
  return ok({ ...library });
}

/** What the requirements were found in: the measure, its libraries and its code lists. */
function artifactsOf(measure: ReadyMeasure): r4.RelatedArtifact[] {
  const dependsOn = (resource: string, label?: string): r4.RelatedArtifact => ({
    type: 'depends-on',
    ...(label !== undefined && { label }),
    resource,
  });
  return [
    { type: 'derived-from', label: measure.resource.title ?? measure.name, resource: canonicalOf(measure) },
    ...(measure.resource.library ?? []).map((library) => dependsOn(library, 'Library')),
    ...measure.valueSets.flatMap(({ url, version }) =>
      url === undefined ? [] : [dependsOn(version === undefined ? url : `${url}|${version}`, 'ValueSet')],
    ),
  ];
}

function onceEach(requirements: readonly r4.DataRequirement[]): r4.DataRequirement[] {
  return [...new Map(requirements.map((one) => [JSON.stringify(one), one])).values()];
}
