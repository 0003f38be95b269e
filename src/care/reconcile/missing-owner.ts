import { isOfType, ofType } from '../../fhir/of-type.ts';
import { localReference } from '../../fhir/plan-view/index-of.ts';
import type { Chart, Item } from './chart.ts';
import type { Finding } from './finding.ts';

/** Open Tasks that are nobody's, and open requests that name no performer while no Task of anybody is based on them or carries them out. */
export function findMissingOwners(chart: Chart): Finding[] {
  const tasks = ofType(
    chart.items.map(({ resource }) => resource),
    'Task',
  ).filter(({ owner }) => owner !== undefined);
  const cared = new Set(tasks.flatMap(({ focus, basedOn = [] }) => [focus, ...basedOn]).map(localReference));
  const isNobodys = ({ resource, reference }: Item): boolean => {
    if (isOfType(resource, 'Task')) return resource.owner === undefined && !cared.has(reference);
    if (!isOfType(resource, 'ServiceRequest') || resource.doNotPerform === true) return false;
    return (resource.performer?.length ?? 0) === 0 && resource.performerType === undefined && !cared.has(reference);
  };
  return chart.items
    .filter((item) => item.about === 'activity' && !chart.settled.has(item.reference) && isNobodys(item))
    .map((item) => ({
      kind: 'missing-owner',
      about: 'activity',
      why: 'Nobody is named who does it.',
      members: [item],
    }));
}
