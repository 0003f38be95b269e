import { canonicalBase } from '../../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import { capacityOf } from './capacity.ts';

/** What a service said of its places when a referral was sent to it: kept in the referral's Task, by a code of CodeSystem/capacity-at-sending. */
export const capacityAtSendingUrl = `${canonicalBase}/StructureDefinition/capacity-at-sending`;
const system = `${canonicalBase}/CodeSystem/capacity-at-sending`;

export type Remark = 'waiting-list' | 'assessment-first' | 'closed' | 'unknown';

/** In words for whoever sends: what to expect, and what to do. */
const words: Record<Remark, string> = {
  'waiting-list':
    'This service has no place now and keeps a waiting list. Tell the family that it will take time, and look whether somebody else has a place.',
  'assessment-first':
    'This service looks at the child before it says whether it has a place. Tell the family that this is not yet a yes.',
  closed: 'This service says that it is closed now. It may be a while until somebody answers.',
  unknown: 'This service does not say whether it has places. Ask it, or look whether another one says so.',
};

type Service = Resource & Pick<r4.HealthcareService, 'extension' | 'active' | 'notAvailable'>;

/** What whoever sends has to know of a service that may be asked; undefined for one that says it has a place and is open. Pure. */
export function remarkOn(service: Service, now: Date): Remark | undefined {
  if (service.active === false || (service.notAvailable ?? []).some(({ during }) => during && isWithin(during, now)))
    return 'closed';
  const capacity = capacityOf(service);
  if (capacity === 'none-but-waitlist') return 'waiting-list';
  if (capacity === 'more-assessment-needed') return 'assessment-first';
  return capacity === undefined ? 'unknown' : undefined;
}

/** A day counts whole, in UTC. */
function isWithin({ start, end }: r4.Period, now: Date): boolean {
  const at = now.toISOString();
  const from = start === undefined || start.slice(0, 10) <= at.slice(0, 10);
  return from && (end === undefined || end.slice(0, 10) >= at.slice(0, 10));
}

/** The same as the Task shows it. */
export function remarkExtension(remark: Remark): r4.Extension {
  return {
    url: capacityAtSendingUrl,
    valueCodeableConcept: { coding: [{ system, code: remark }], text: words[remark] },
  };
}

/** What a Task says of it, as issues of an OperationOutcome: a warning, or information where nothing is known. */
export function remarksIn({ extension = [] }: Pick<r4.Task, 'extension'>): r4.OperationOutcomeIssue[] {
  return extension.flatMap(({ url, valueCodeableConcept: said }): r4.OperationOutcomeIssue[] => {
    if (url !== capacityAtSendingUrl || said === undefined) return [];
    const code = said.coding?.find((one) => one.system === system)?.code;
    const severity = code === 'unknown' ? 'information' : 'warning';
    return [{ severity, code: 'informational', details: said, expression: ['Task.owner'] }];
  });
}
