import { fail, type Result } from '../../base/errors.ts';
import { stableId } from '../../base/ids.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation } from '../../module.ts';
import { ownersOf } from '../currency/owners.ts';
import type { Asked, MeasureRoom } from './room.ts';

const updateTypeEnding = '/extension-updateType';

/**
 * `Measure/$submit-data` (FHIR R4, operation-measure-submit-data): a data-collection MeasureReport and the resources of one child, written in one
 * transaction as the caller. Every resource has an id, so that sending the same again changes nothing. `snapshot` replaces the report's
 * list of what was sent; what an earlier one had and this one has not stays in the chart: nobody's record is deleted for being left out.
 */
export function submitDataOperation(room: MeasureRoom): Operation[] {
  const operation: Omit<Operation, 'level'> = {
    name: 'submit-data',
    definition: 'http://hl7.org/fhir/OperationDefinition/Measure-submit-data',
    resourceType: 'Measure',
    affectsState: true,
    parameters: ['measureReport', 'resource'],
    requires: [['MeasureReport', 'cu']],
    handle: (request) => submit({ room, request }),
  };
  return [
    { ...operation, level: 'type' },
    { ...operation, level: 'instance' },
  ];
}

async function submit({ room, request }: Asked): Promise<Result<Resource>> {
  const { parameters, transact } = request;
  const report = parameters.resource('measureReport') as (Resource & r4.MeasureReport) | undefined;
  if (report?.resourceType !== 'MeasureReport') {
    return fail('invalid', 'Parameter measureReport is required: a MeasureReport.', { code: 'required' });
  }
  const resources = parameters.resources?.('resource') ?? [];
  const checked = checkReport({ room, request }, report) ?? checkResources(report, resources);
  if (checked) return checked;
  if (!transact) return fail('not-allowed', 'Nothing can be written here.');
  const id = report.id ?? idOf(report);
  const { resourceType, ...content } = report;
  const entries = [{ resourceType, ...content, id }, ...resources].map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  return transact({ resourceType: 'Bundle', type: 'transaction', entry: entries });
}

function checkReport({ room, request }: Asked, report: r4.MeasureReport): Result<never> | undefined {
  const refuse = (element: string, text: string) =>
    fail('invalid', text, { code: 'value', expression: [`MeasureReport.${element}`] });
  if (report.type !== 'data-collection') return refuse('type', 'The MeasureReport has to be of type data-collection.');
  if (report.group?.length) return refuse('group', 'A MeasureReport for data collection has no groups.');
  const measure = room.find(String(report.measure));
  if (!measure.ok) return measure;
  if (request.id !== undefined && measure.value.name !== request.id) {
    return refuse('measure', 'The MeasureReport is about another measure than the one of the URL.');
  }
  if (subjectOf(report) === undefined)
    return refuse('subject', 'The MeasureReport has to name one Patient of this server as its subject.');
  const updateTypes = [...(report.modifierExtension ?? []), ...(report.extension ?? [])]
    .filter(({ url }) => url.endsWith(updateTypeEnding))
    .map(({ valueCode }) => valueCode);
  const [updateType] = updateTypes;
  if (updateTypes.length !== 1 || (updateType !== 'snapshot' && updateType !== 'incremental')) {
    return refuse('modifierExtension', 'The MeasureReport needs one updateType: snapshot or incremental.');
  }
  return undefined;
}

function checkResources(report: r4.MeasureReport, resources: readonly Resource[]): Result<never> | undefined {
  const subject = subjectOf(report);
  const seen = new Set<string>();
  for (const [place, resource] of resources.entries()) {
    const refuse = (code: string, text: string) =>
      fail('invalid', text, { code, expression: [`Parameters.parameter.where(name = 'resource')[${place}]`] });
    const { resourceType, id } = resource;
    if (id === undefined) {
      return refuse('required', `Each resource needs an id, so that it can be sent again; a ${resourceType} has none.`);
    }
    if (seen.has(`${resourceType}/${id}`))
      return refuse('duplicate', `A ${resourceType} was sent twice in one request.`);
    seen.add(`${resourceType}/${id}`);
    if (resourceType === 'Measure' || resourceType === 'Library' || resourceType === 'MeasureReport') {
      return refuse('not-supported', `A ${resourceType} is no data of a child.`);
    }
    const owners = ownersOf(resource);
    if (owners.some((owner) => owner !== subject)) {
      return refuse('value', `A ${resourceType} is about another Patient than the subject of the MeasureReport.`);
    }
  }
  return undefined;
}

function subjectOf({ subject }: r4.MeasureReport): string | undefined {
  return /^Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(String(subject?.reference ?? ''))?.[1];
}

/** A report without an id is the same as long as it is about the same child, measure and period, from the same reporter. */
function idOf({ measure, subject, period, reporter }: r4.MeasureReport): string {
  const from = reporter?.reference ?? reporter?.display ?? '';
  return stableId('measures.submit', measure, subject?.reference ?? '', period.start ?? '', period.end ?? '', from);
}
